/**
 * The native menu. Its items send commands to the window, which also handles their shortcuts (Ctrl+Z in a text field is
 * not the canvas's), so that the menu only displays them.
 */
import { BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../bridge/windowHost.ts';
import { ipc } from './ipc.ts';

export function installMenu(): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(template()));
}

function template(): MenuItemConstructorOptions[] {
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      command('New Project', 'new', 'CmdOrCtrl+N'),
      command('Open…', 'open', 'CmdOrCtrl+O'),
      separator,
      command('Save', 'save', 'CmdOrCtrl+S'),
      command('Save As…', 'saveAs', 'CmdOrCtrl+Shift+S'),
      separator,
      { role: process.platform === 'darwin' ? 'close' : 'quit' },
    ],
  };
  const edit: MenuItemConstructorOptions = {
    label: '&Edit',
    submenu: [
      command('Undo', 'undo', 'CmdOrCtrl+Z'),
      command('Redo', 'redo', 'CmdOrCtrl+Shift+Z'),
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'selectAll' },
    ],
  };
  const help: MenuItemConstructorOptions = { role: 'help', submenu: [command('About Receptive', 'about')] };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'togglefullscreen' },
      { role: 'toggleDevTools' },
    ],
  };
  const own: MenuItemConstructorOptions[] = process.platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  return [...own, file, edit, view, { role: 'windowMenu' }, help];
}

function command(label: string, name: MenuCommand, accelerator?: string): MenuItemConstructorOptions {
  return {
    label,
    id: name,
    ...(accelerator && { accelerator, registerAccelerator: false }),
    click: (_item, window) => {
      if (window instanceof BrowserWindow) window.webContents.send(ipc.menu, name);
    },
  };
}
