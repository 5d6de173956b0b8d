/**
 * The Electron runtime, which npm does not install by itself: it is fetched when the desktop app is first
 * started, once, for a limited time. Needs plain Node 20.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStamp, root, say } from './bootstrap.mjs';

const folder = join(root, 'node_modules', 'electron');
/** How long (ms) the runtime, some 110 MB, may take to arrive. */
const DEADLINE = 90_000;

/** Path of the runtime where it is installed; null where it is not. */
export function electronPath() {
  const named = join(folder, 'path.txt');
  if (!existsSync(named)) return null;
  const file = join(
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'),
    readFileSync(named, 'utf8'),
  );
  return existsSync(file) ? file : null;
}

/** Fetches the runtime where it is missing, unless that failed before. Null where it cannot be had. */
export function obtainElectron() {
  const failed = join(root, 'node_modules', '.electron-unavailable');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (electronPath() || readStamp(failed) === version) return electronPath();
  say('Fetching the Electron runtime…');
  spawnSync(process.execPath, [join(folder, 'install.js')], {
    cwd: root,
    stdio: 'ignore',
    timeout: DEADLINE,
  });
  if (!electronPath()) writeFileSync(failed, version);
  return electronPath();
}
