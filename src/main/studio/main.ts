/**
 * The studio process: opens the workspace and serves it to the windows that its host joins. It decides nothing
 * itself; a refusal goes to the host, and any other failure ends the process, which the host starts again.
 */
import { connect } from '../../bridge/rpc.ts';
import { report, reportUncaught } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { hostLink } from './hostLink.ts';
import type { HostControl, StudioControl, StudioOptions } from './process.ts';
import { openStudio } from './studio.ts';

reportUncaught();
const options: StudioOptions = JSON.parse(process.argv.at(-1) ?? '');
const link = hostLink();
const opening = openStudio(options);

async function shutdown(): Promise<void> {
  const studio = await opening;
  await studio.close();
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

try {
  const studio = await opening;
  link.onWindow(channel => studio.connect(channel));
  await host.ready();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  await host.refused(error.message);
  process.exit(2);
}
