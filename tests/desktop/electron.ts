/**
 * Stands in for the module `electron` where its runtime is not installed: enough of it for the desktop host's
 * own code to run unchanged, with a real Chromium page for a window and a real process for the studio. `asked`
 * holds what the host asked of the system, `answers` what a person would have chosen.
 */
import { EventEmitter } from 'node:events';
import type Electron from 'electron';

// biome-ignore lint/performance/noBarrelFile: the module that it stands in for has everything in one place.
export { MessageChannelMain, utilityProcess } from './ports.ts';
export { BrowserWindow } from './windows.ts';

export const asked = {
  errorBoxes: [] as string[],
  opened: [] as string[],
  schemes: [] as Electron.CustomScheme[],
  paths: new Map<string, string>(),
  menu: [] as Electron.MenuItemConstructorOptions[],
};

export const answers = {
  open: [] as string[][],
  save: [] as string[],
};

class App extends EventEmitter {
  readonly #ended = Promise.withResolvers<number>();
  /** Settles with the exit code when the app quits or exits. */
  readonly ended = this.#ended.promise;

  setPath(name: string, path: string): void {
    asked.paths.set(name, path);
  }

  requestSingleInstanceLock(): boolean {
    return true;
  }

  async whenReady(): Promise<void> {}

  quit(): void {
    let prevented = false;
    this.emit('before-quit', {
      preventDefault: () => {
        prevented = true;
      },
    });
    if (!prevented) this.#ended.resolve(0);
  }

  exit(code: number): void {
    this.#ended.resolve(code);
  }
}

export const app = new App();

type Listener = (event: object, ...args: unknown[]) => unknown;

class IpcMain extends EventEmitter {
  readonly #handlers = new Map<string, Listener>();

  handle(channel: string, listener: Listener): void {
    this.#handlers.set(channel, listener);
  }

  async answer(channel: string, event: object, args: unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    return handler(event, ...args);
  }
}

export const ipcMain = new IpcMain();

let protocolHandler: ((request: Request) => Promise<Response>) | undefined;

export const protocol = {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
    asked.schemes.push(...schemes);
  },
  handle(_scheme: string, handler: (request: Request) => Promise<Response>): void {
    protocolHandler = handler;
  },
  answer(request: Request): Promise<Response> {
    if (!protocolHandler) throw new Error('The host registered no protocol handler.');
    return protocolHandler(request);
  },
};

/** What the host decides about permissions; Electron's own default is to allow. */
export const permissions = {
  request: (_permission: string, _details: object = {}): boolean => true,
  check: (_origin = '', _details: object = {}): boolean => true,
  device: (): boolean => true,
};

type Handler<Name extends keyof Electron.Session> = Electron.Session[Name] extends (handler: infer H) => void
  ? NonNullable<H>
  : never;

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler: Handler<'setPermissionRequestHandler'>): void {
      permissions.request = (permission, details = {}) => {
        let granted = true;
        handler(
          {} as never,
          permission as never,
          answer => {
            granted = answer;
          },
          details as never,
        );
        return granted;
      };
    },
    setPermissionCheckHandler(handler: Handler<'setPermissionCheckHandler'>): void {
      permissions.check = (origin = '', details = {}) => handler(null, 'media', origin, details as never);
    },
    setDevicePermissionHandler(handler: Handler<'setDevicePermissionHandler'>): void {
      permissions.device = () => handler({} as never);
    },
  },
};

export const shell = {
  async openExternal(url: string): Promise<void> {
    asked.opened.push(url);
  },
};

export const dialog = {
  async showOpenDialog(): Promise<Electron.OpenDialogReturnValue> {
    const filePaths = answers.open.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  },
  async showSaveDialog(): Promise<Electron.SaveDialogReturnValue> {
    const filePath = answers.save.shift() ?? '';
    return { canceled: filePath === '', filePath };
  },
  showErrorBox(_title: string, content: string): void {
    asked.errorBoxes.push(content);
  },
};

export const Menu = {
  buildFromTemplate: (template: Electron.MenuItemConstructorOptions[]) => template,
  setApplicationMenu(menu: Electron.MenuItemConstructorOptions[]): void {
    asked.menu = menu;
  },
};
