/** Opens the studio in an app window of an installed Chromium or Chrome: a window without tabs or address bar. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Returns whether a browser was found and started. */
export function openAppWindow(address: string): boolean {
  const browser = hasDisplay() ? installedBrowsers().find(isExecutable) : undefined;
  if (!browser) return false;
  const child = spawn(browser, [`--app=${address}`], { detached: true, stdio: 'ignore' });
  // The address was printed as well, in case the browser does not start.
  child.on('error', () => {});
  child.unref();
  return true;
}

function hasDisplay(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function installedBrowsers(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      name => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (process.platform === 'win32') {
    const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
    const paths = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];
    return roots.flatMap(root => (root ? paths.map(path => join(root, path)) : []));
  }
  const folders = process.env.PATH?.split(delimiter) ?? [];
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return names.flatMap(name => folders.map(folder => join(folder, name)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
