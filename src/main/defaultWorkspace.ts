/** The default workspace: in the platform's folder for application data. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function defaultWorkspace(): string {
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library/Application Support/Receptive');
  if (process.platform === 'win32')
    return join(process.env.APPDATA ?? join(home, 'AppData/Roaming'), 'Receptive');
  return join(process.env.XDG_DATA_HOME || join(home, '.local/share'), 'receptive');
}
