/**
 * Native dialogs for the window: pick a folder, open and save a project file. The host accesses only paths that the
 * user chose in a dialog, never one that the window names.
 */
import { readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain } from 'electron';
import { UserError } from '../userError.ts';
import { isTrusted } from './guard.ts';
import { type IpcAnswer, ipc } from './ipc.ts';

/** The largest project file that is opened, in bytes. */
const TEXT_LIMIT = 64 * 2 ** 20;

const filters = [{ name: 'Project', extensions: ['json'] }];

export function answerDialogs(): void {
  answer(ipc.pickFolder, async window => {
    const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] });
    return filePaths[0];
  });
  answer(ipc.openTextFile, async window => {
    const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile'], filters });
    return filePaths[0] === undefined ? undefined : readText(filePaths[0]);
  });
  answer(ipc.saveFile, async (window, fileName, content) => {
    const isContent = typeof content === 'string' || content instanceof Uint8Array;
    if (typeof fileName !== 'string' || !isContent)
      throw new TypeError('A file name and what is to be in it.');
    const extension = extname(fileName).slice(1);
    const { filePath } = await dialog.showSaveDialog(window, {
      defaultPath: basename(fileName),
      ...(extension !== '' && { filters: [{ name: extension, extensions: [extension] }] }),
    });
    if (!filePath) return undefined;
    await writeWhole(filePath, content);
    return filePath;
  });
}

/** Handles a request of the app's own page; other senders are ignored. */
function answer<T>(request: string, act: (window: BrowserWindow, ...args: unknown[]) => Promise<T>): void {
  ipcMain.handle(request, async (event: IpcMainInvokeEvent, ...args: unknown[]): Promise<IpcAnswer<T>> => {
    const window = BrowserWindow.fromWebContents(event.sender);
    if (!window || !isTrusted(event)) throw new Error('This page may not ask.');
    try {
      return { value: await act(window, ...args) };
    } catch (error) {
      if (error instanceof UserError) return { fault: error.message };
      throw error;
    }
  });
}

async function readText(path: string): Promise<{ name: string; text: string }> {
  try {
    if ((await stat(path)).size <= TEXT_LIMIT)
      return { name: basename(path), text: await readFile(path, 'utf8') };
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${reason(error)}.`);
  }
  throw new UserError(`${path} is larger than ${TEXT_LIMIT / 2 ** 20} MiB: it is no project file.`);
}

/** Writes to a temporary file first, so that an interrupted save leaves the old one. */
async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(beside, content, { flush: true });
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw new UserError(`${path} cannot be written: ${reason(error)}.`);
  }
}

/** The system's message without code and path: `no such file or directory`. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[A-Z]+: /, '').split(', ')[0] ?? message;
}
