/** The desktop host's own code, from its entry file on, with a stand-in for Electron and a real page. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DesktopApi } from '../../src/bridge/windowHost.ts';
import { studioPid } from '../webHostProcess.ts';
import { answers, app, asked, ipcMain, permissions, protocol } from './electron.ts';
import { BrowserWindow, closeBrowser, PAGE_ORIGIN } from './windows.ts';

/** A slow machine must not fail a sound test. */
const PATIENT = { timeout: 30_000 };

declare const window: { receptive: DesktopApi; require?: unknown; process?: unknown };

let workspace: string;
let page: Page;

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'receptive-desktop-'));
  process.argv.push('--workspace', workspace);
  await import('../../src/main/desktop/main.ts');
  page = await firstPage();
});

async function firstPage(): Promise<Page> {
  return vi.waitFor(() => {
    const [window] = BrowserWindow.getAllWindows();
    if (!window?.webContents.page) throw new Error('No window yet.');
    return window.webContents.page;
  }, PATIENT);
}

afterAll(async () => {
  app.quit();
  await app.ended;
  await closeBrowser();
  await rm(workspace, { recursive: true, force: true });
});

const sample = () => page.getByText('Conv2d').first();

test('the window opens on the sample, over the MessagePort', async () => {
  await sample().waitFor();
  expect(page.url()).toBe(`${PAGE_ORIGIN}/`);
});

test('a second studio process is not started, and Chromium keeps its things in the workspace', () => {
  expect(asked.paths.get('userData')).toBe(join(workspace, 'window'));
  expect(studioPid(workspace)).toBeGreaterThan(0);
});

test('the window comes back by itself when the studio is killed', async () => {
  await sample().waitFor();
  const pid = studioPid(workspace);
  process.kill(pid, 'SIGKILL');
  await page.getByText('had stopped and was started again').waitFor();
  await sample().waitFor();
  expect(studioPid(workspace)).not.toBe(pid);
});

describe('the window is shut in', () => {
  test('isolated, sandboxed, without Node', async () => {
    const [window_] = BrowserWindow.getAllWindows();
    expect(window_!.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(await page.evaluate(() => [typeof window.require, typeof window.process])).toEqual([
      'undefined',
      'undefined',
    ]);
  });

  test('with a policy that lets nothing in', async () => {
    const { headers } = await protocol.answer(new Request('studio://app/'));
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toContain('ws:');
    expect(asked.schemes).toMatchObject([{ scheme: 'studio', privileges: { standard: true, secure: true } }]);
    expect(asked.schemes[0]!.privileges!.bypassCSP).toBeFalsy();
  });

  test.each(['studio://other/', 'studio://app/..%2fmain%2fstudio.js', 'studio://app/%2e%2e/main/desktop.js'])(
    '%s leads nowhere',
    async url => {
      expect((await protocol.answer(new Request(url))).status).toBe(404);
    },
  );

  test.each(['geolocation', 'media', 'notifications', 'openExternal'])('without %s', permission => {
    expect(permissions.request(permission)).toBe(false);
    expect(permissions.check()).toBe(false);
    expect(permissions.device()).toBe(false);
  });

  test('through the camera alone, without sound, and for its own page', () => {
    const own = 'studio://app/desktop.html';
    const asks = (requestingUrl: string, mediaTypes: string[]) =>
      permissions.request('media', { requestingUrl, mediaTypes });
    expect(asks(own, ['video'])).toBe(true);
    expect(asks(own, ['video', 'audio'])).toBe(false);
    expect(asks('https://evil.example/', ['video'])).toBe(false);
    expect(permissions.check('studio://app', { mediaType: 'video' })).toBe(true);
    expect(permissions.check('studio://app', { mediaType: 'audio' })).toBe(false);
    expect(permissions.check('https://evil.example', { mediaType: 'video' })).toBe(false);
  });

  test('on its own page, whatever it tries', async () => {
    await page.evaluate(() => location.assign('https://evil.example/'));
    await page.evaluate(() => void globalThis.open('https://evil.example/'));
    await page.evaluate(() => void globalThis.open('http://arxiv.org/'));
    await page.evaluate(() => void globalThis.open('https://arxiv.org.evil.example/'));
    await page.evaluate(() => void globalThis.open('https://arxiv.org/abs/1512.03385'));
    // A known site opens outside; nothing else does.
    await vi.waitFor(() => expect(asked.opened).toEqual(['https://arxiv.org/abs/1512.03385']), PATIENT);
    expect(page.url()).toBe(`${PAGE_ORIGIN}/`);
    await sample().waitFor();
  });

  test.each([
    ['another page', { url: 'https://evil.example/', parent: null }],
    ['a frame of its page', { url: 'studio://app/', parent: {} }],
    ['a page of a like name', { url: 'studio://app.evil/', parent: null }],
    ['no frame', null],
  ])('its host does not listen to %s', async (_name, senderFrame) => {
    const [window_] = BrowserWindow.getAllWindows();
    const event = { sender: window_!.webContents, senderFrame };
    answers.open.push(['/etc']);
    await expect(ipcMain.answer('receptive:pickFolder', event, [])).rejects.toThrow('may not ask');
    expect(answers.open.shift()).toEqual(['/etc']);
  });
});

describe('the system’s dialogs', () => {
  test('pick a folder, or none', async () => {
    answers.open.push([workspace]);
    expect(await page.evaluate(() => window.receptive.pickFolder())).toBe(workspace);
    expect(await page.evaluate(() => window.receptive.pickFolder())).toBeUndefined();
  });

  test('save a project file and open it again', async () => {
    const path = join(workspace, 'mine.json');
    answers.save.push(path);
    expect(await page.evaluate(() => window.receptive.saveFile('mine.json', '{"a":"é"}'))).toBe(path);
    expect(await readFile(path, 'utf8')).toBe('{"a":"é"}');
    answers.open.push([path]);
    const opened = await page.evaluate(() => window.receptive.openTextFile());
    expect(opened).toEqual({ name: 'mine.json', text: '{"a":"é"}' });
  });

  test('say in one sentence what cannot be read or written', async () => {
    answers.open.push([join(workspace, 'missing.json')]);
    await expect(page.evaluate(() => window.receptive.openTextFile())).rejects.toThrow(
      /missing\.json cannot be read/,
    );
    await writeFile(join(workspace, 'file'), '');
    answers.save.push(join(workspace, 'file', 'mine.json'));
    await expect(page.evaluate(() => window.receptive.saveFile('mine.json', ''))).rejects.toThrow(
      /mine\.json cannot be written/,
    );
  });
});

test('the menu’s commands reach the window', async () => {
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(globalThis, { heard });
    window.receptive.onMenu(command => heard.push(command));
  });
  const items = asked.menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
  const [window_] = BrowserWindow.getAllWindows();
  const about = items.find(({ id }) => id === 'about')!;
  about.click!({} as never, window_ as never, {} as never);
  await vi.waitFor(async () => {
    expect(await page.evaluate(() => Reflect.get(globalThis, 'heard'))).toEqual(['about']);
  }, PATIENT);
  const commands = items.flatMap(({ id }) => id ?? []);
  expect(commands).toEqual(['new', 'open', 'save', 'saveAs', 'undo', 'redo', 'about']);
});
