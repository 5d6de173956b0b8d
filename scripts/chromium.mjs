/** Where Chromium is on this machine, for the tests that need a browser, and how to get it. Needs plain Node 20. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Impossible, root, say } from './bootstrap.mjs';

/**
 * An installed Chromium or Chrome; `RECEPTIVE_CHROMIUM` names another. Undefined where there is none, and where
 * Playwright's own may be.
 * @returns {string | undefined}
 */
export function findChromium() {
  return process.env.RECEPTIVE_CHROMIUM || candidates().find(starts);
}

/**
 * Sees to it that there is a Chromium: installs it where that can be done unasked, on Debian and its kin as root.
 * @throws Impossible naming what to install and how
 */
export async function ensureChromium() {
  const named = process.env.RECEPTIVE_CHROMIUM;
  if (named && !starts(named))
    throw new Impossible(
      `RECEPTIVE_CHROMIUM names ${JSON.stringify(named)}, which does not start: set it to an installed Chromium or Chrome, or unset it.`,
    );
  if ((await isThere()) || (await installUnasked())) return;
  throw new Impossible(`The desktop and end-to-end tests need Chromium or Chrome: ${byHand()} installs it.`);
}

/** What a person would type. On Ubuntu the package of that name is a stub for another installer. */
function byHand() {
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const isDebian = /^ID(_LIKE)?=.*debian/m.test(system) && !/^ID(_LIKE)?=.*ubuntu/m.test(system);
  return isDebian ? '`sudo apt-get install chromium`' : '`npx playwright install --with-deps chromium`';
}

/** Whether an own or Playwright's Chromium is there. One that was found is not looked for again by what we start. */
async function isThere() {
  const found = findChromium();
  if (found) process.env.RECEPTIVE_CHROMIUM = found;
  return found !== undefined || (await hasPlaywrightChromium());
}

async function installUnasked() {
  const isRoot = process.getuid?.() === 0;
  if (process.platform !== 'linux' || !isRoot || !existsSync('/usr/bin/apt-get')) return false;
  say('Installing Chromium…');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { cwd: root, stdio: ['ignore', 'ignore', 2], env };
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium'], options);
  if (await isThere()) return true;
  const playwright = join(root, 'node_modules', 'playwright', 'cli.js');
  spawnSync(process.execPath, [playwright, 'install', '--with-deps', 'chromium'], options);
  return isThere();
}

async function hasPlaywrightChromium() {
  const { chromium } = await import('@playwright/test');
  return starts(chromium.executablePath());
}

/** Some systems have a stub by that name, which only says how to get the browser. */
function starts(file) {
  if (!existsSync(file)) return false;
  if (process.platform !== 'linux') return true;
  return spawnSync(file, ['--version'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
}

function candidates() {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map(name => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === 'win32') {
    const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
    return roots.flatMap(folder =>
      folder ? [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')] : [],
    );
  }
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].flatMap(name =>
    folders.map(f => join(f, name)),
  );
}
