/**
 * The studio process: opens the workspace and serves it to the windows that its host joins. It decides nothing
 * itself; a refusal goes to the host, and any other failure ends the process, which the host starts again.
 */
import { connect } from '../../bridge/rpc.ts';
import { explained } from '../errorSentences.ts';
import { report, warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { hostLink } from './hostLink.ts';
import type { HostControl, StudioControl, StudioOptions } from './hostProtocol.ts';
import { openStudio } from './studio.ts';

const options: StudioOptions = JSON.parse(process.argv.at(-1) ?? '');
const link = hostLink();
const opening = openStudio(options);

async function shutdown(): Promise<void> {
  const studio = await opening;
  // What could not be kept at the end is said; the next start finds what was kept before.
  await studio.close().catch(error => warn(explained(error, options.workspace).message));
  // After the answer is on its way.
  setImmediate(() => process.exit(0));
}

const calls: StudioControl = {
  media: async path => (await opening).media.answer(path),
  takeFile: async part => (await opening).media.takeFile(part),
  shutdown,
};
const host = connect<HostControl, StudioControl>(link.control, calls, (error, call) => report(call, error));
// A host that is gone cannot ask: its studio closes by itself.
link.control.onClose(() => shutdown());
// Ctrl+C reaches every process of the terminal. The host decides what it means.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => shutdown());

// What the disk refuses where nobody waits for an answer is told, and ends nothing.
process.on('uncaughtException', error => {
  const said = explained(error, options.workspace);
  if (said instanceof UserError) return warn(said.message);
  report('Receptive failed', said);
  process.exit(1);
});

try {
  const studio = await opening;
  link.onWindow(channel => studio.connect(channel));
  await host.ready();
} catch (error) {
  const said = explained(error, options.workspace);
  if (!(said instanceof UserError)) throw said;
  await host.refused(said.message);
  process.exit(2);
}
