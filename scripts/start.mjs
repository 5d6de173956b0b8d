/**
 * `npm start`: the desktop app; where there is no Electron runtime or no display, one line that says so and the
 * same studio in a browser. `npm start -- --no-open` serves it and prints the address.
 */
import { join } from 'node:path';
import { become, becomeNode, ensureBuilt, ensureInstalled, main, root, say } from './bootstrap.mjs';
import { obtainElectron } from './electron.mjs';

const args = process.argv.slice(2);
/** A desktop app that fails this soon (ms) could not open on this machine. */
const COULD_NOT_OPEN = 20_000;

/** Exit code of the desktop app, or the reason why there is none. */
async function desktop() {
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasDisplay) return 'There is no display';
  if (process.getuid?.() === 0) return 'Electron does not run as root';
  const electron = obtainElectron();
  if (!electron) return 'The Electron runtime is not installed and cannot be fetched';
  const startedAt = Date.now();
  const code = await become(electron, [root, ...args]);
  const failed = code !== 0 && code !== 2 && Date.now() - startedAt < COULD_NOT_OPEN;
  return failed ? 'Electron cannot open a window on this machine' : code;
}

await main(async () => {
  ensureInstalled();
  ensureBuilt();
  // Every option but this one is about serving.
  if (args.length === 0 || args[0] === '--workspace') {
    const result = await desktop();
    if (typeof result === 'number') return result;
    say(`${result}: the studio is served to a browser instead.`);
  }
  return becomeNode([join(root, 'out', 'main', 'web.js'), ...args]);
});
