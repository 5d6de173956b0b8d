/** Where Chromium is on this machine, for the end-to-end tests, and how to get it. Needs plain Node 20. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Impossible, say } from './bootstrap.mjs';

/**
 * An installed Chromium or Chrome; `RECEPTIVE_CHROMIUM` names another. Undefined where there is none, and where
 * Playwright's own may be.
 * @returns {string | undefined}
 */
export function findChromium() {
  if (process.env.RECEPTIVE_CHROMIUM) return process.env.RECEPTIVE_CHROMIUM;
  return candidates().find(file => existsSync(file));
}

/** Installs Chromium where that can be done unasked: on Debian and its kin as root. */
export async function ensureChromium() {
  if (findChromium() || (await hasPlaywrightChromium())) return;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('Installing Chromium…');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const aptGet = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 2], env });
    aptGet('update', '-q');
    aptGet('install', '-q', '-y', '--no-install-recommends', 'chromium');
    if (findChromium()) return;
  }
  throw new Impossible(
    'The end-to-end tests need Chromium or Chrome: `npx playwright install --with-deps chromium` installs it.',
  );
}

async function hasPlaywrightChromium() {
  const { chromium } = await import('@playwright/test');
  return existsSync(chromium.executablePath());
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
  return ['chromium', 'google-chrome', 'google-chrome-stable'].flatMap(name =>
    folders.map(f => join(f, name)),
  );
}
