/** Entry of the desktop host, in Electron's main process: one instance for each workspace. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { app } from 'electron';
import { defaultWorkspace } from '../defaultWorkspace.ts';
import { warn } from '../terminal.ts';
import { openDesktop } from './desktopHost.ts';
import { registerScheme } from './protocol.ts';

// Not strict, because Electron and Chromium have switches of their own.
const { values } = parseArgs({
  args: process.argv.slice(1),
  options: { workspace: { type: 'string' } },
  strict: false,
});
const workspace = resolve(typeof values.workspace === 'string' ? values.workspace : defaultWorkspace());

// Chromium's data are in the workspace, so that each workspace has its own instance lock.
app.setPath('userData', join(workspace, 'window'));
registerScheme();
if (app.requestSingleInstanceLock()) {
  // Not awaited: `ready` fires only after this module has run.
  app.whenReady().then(() => openDesktop({ workspace }));
} else {
  warn(`${workspace} is open in another window of Receptive, which is shown instead.`);
  app.quit();
}
