/**
 * The studio process: opens the workspace and serves it to windows. A refusal is reported to the host; any other error
 * ends the process, which the host restarts.
 */
import { connect } from '../../bridge/rpc.ts';
import { explained } from '../errorSentences.ts';
import { reportDefect, warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { hostLink } from './hostLink.ts';
import type { HostControl, StudioControl, StudioOptions } from './hostProtocol.ts';
import { openStudio } from './studio.ts';

const options: StudioOptions = JSON.parse(process.argv.at(-1) ?? '');
const link = hostLink();
const opening = openStudio(options);

async function shutdown(): Promise<void> {
  const studio = await opening;
  // What could not be stored is reported; the next start uses the state before.
  await studio.close().catch(error => warn(explained(error, options.workspace).message));
  // After the response has been sent.
  setImmediate(() => process.exit(0));
}

const calls: StudioControl = {
  media: async path => (await opening).media.answer(path),
  takeFile: async part => (await opening).media.takeFile(part),
  shutdown,
};
const host = connect<HostControl, StudioControl>(link.control, calls, (error, call) =>
  reportDefect(call, error),
);
// If the host is gone, the studio shuts down by itself.
link.control.onClose(() => shutdown());
// Ctrl+C reaches all processes of the terminal; the host decides.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => shutdown());

// Disk errors that nobody awaits are reported and do not end the process.
process.on('uncaughtException', error => {
  const said = explained(error, options.workspace);
  if (said instanceof UserError) return warn(said.message);
  reportDefect('Receptive failed', said);
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
