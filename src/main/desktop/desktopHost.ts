/**
 * The desktop host: one window and one supervised studio. It shows dialogs and forwards messages; all data and
 * computation are the studio's.
 */
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  MessageChannelMain,
  type MessagePortMain,
  type WebContents,
} from 'electron';
import { preloadFile } from '../entries.ts';
import { Supervisor } from '../supervisor.ts';
import { warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { guardWindows, isTrusted } from './guard.ts';
import { ipc } from './ipc.ts';
import { installMenu } from './menu.ts';
import { answerDialogs } from './nativeDialogs.ts';
import { serveWindow, WINDOW_ORIGIN } from './protocol.ts';
import { launchStudioUtility } from './studioUtility.ts';

export interface DesktopOptions {
  workspace: string;
}

/** Opens the window once the app is ready. If the studio refuses the workspace, shows its message and quits. */
export async function openDesktop(options: DesktopOptions): Promise<void> {
  const supervisor = new Supervisor<MessagePortMain>({
    studio: { workspace: options.workspace, roots: [], workers: null },
    launch: launchStudioUtility,
    onStopped: () => {
      // A message without a port: the window's port is dead, and it will request another.
      for (const window of BrowserWindow.getAllWindows()) window.webContents.postMessage(ipc.port, null);
    },
    onLost: giveUp,
  });
  closeStudioBeforeQuit(supervisor);
  try {
    await supervisor.opened();
  } catch (error) {
    giveUp(error);
    return;
  }
  guardWindows();
  serveWindow({
    media: path => supervisor.media(path),
    upload: (path, parts) => supervisor.upload(path, parts),
  });
  answerDialogs();
  installMenu();
  ipcMain.on(ipc.requestPort, event => {
    if (isTrusted(event)) sendPort(event.sender, supervisor);
  });
  app.on('second-instance', () => focus(BrowserWindow.getAllWindows()[0]));
  app.on('window-all-closed', () => app.quit());
  await openWindow();
}

async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Receptive',
    webPreferences: {
      preload: preloadFile(),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(`${WINDOW_ORIGIN}/`);
}

/** Sends a window a port to the studio, waiting for a restarting studio. */
async function sendPort(contents: WebContents, supervisor: Supervisor<MessagePortMain>): Promise<void> {
  const { port1, port2 } = new MessageChannelMain();
  try {
    await supervisor.join(port1);
  } catch {
    // The studio could not be restarted, which the supervisor reports.
    return;
  }
  if (contents.isDestroyed()) port2.close();
  else contents.postMessage(ipc.port, null, [port2]);
}

function closeStudioBeforeQuit(supervisor: Supervisor<MessagePortMain>): void {
  let closed = false;
  app.on('before-quit', event => {
    if (closed) return;
    event.preventDefault();
    supervisor.close().then(() => {
      closed = true;
      app.quit();
    });
  });
}

function giveUp(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  warn(message);
  dialog.showErrorBox('Receptive', message);
  app.exit(error instanceof UserError ? 2 : 1);
}

function focus(window: BrowserWindow | undefined): void {
  if (window?.isMinimized()) window.restore();
  window?.focus();
}
