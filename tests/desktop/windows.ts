/**
 * Electron's BrowserWindow over a real Chromium page. The page's origin is an https address that never leaves
 * this process: every request goes to the protocol handler that the host registered, as `studio:` requests do.
 */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Browser, chromium, type Page, type Route } from '@playwright/test';
import type Electron from 'electron';
import { findChromium } from '../../scripts/chromium.mjs';
import { app, ipcMain, protocol } from './electron.ts';
import { inPage, type PageBridge } from './inPage.ts';
import type { MessagePortMain } from './ports.ts';

/** What the page has for `studio://app`. */
export const PAGE_ORIGIN = 'https://app.studio';
const toStudio = (url: string) => url.replace(PAGE_ORIGIN, 'studio://app');

let browser: Promise<Browser> | undefined;

/** The one Chromium of this process. */
function launched(): Promise<Browser> {
  const executablePath = findChromium();
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser ??= chromium.launch({ ...(executablePath && { executablePath }), args });
  return browser;
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

type OpenHandler = (details: { url: string }) => { action: 'deny' | 'allow' };

export class WebContents extends EventEmitter {
  page: Page | undefined;
  #openHandler: OpenHandler = () => ({ action: 'allow' });
  readonly #ports: MessagePortMain[] = [];
  readonly #preload: string;

  constructor(preload: string) {
    super();
    this.#preload = readFileSync(preload, 'utf8');
    app.emit('web-contents-created', {}, this);
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  isDestroyed(): boolean {
    return this.page?.isClosed() ?? false;
  }

  send(channel: string, ...args: unknown[]): void {
    this.#call('receive', { channel, args });
  }

  postMessage(channel: string, _message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ids = transfer.map(port => this.#ports.push(port) - 1);
    this.#call('receivePorts', { channel, ids });
    for (const id of ids) {
      const port = this.#ports[id]!;
      port.on('message', ({ data }) => this.#call('toPort', { id, data }));
      port.on('close', () => this.#call('closePort', { id }));
      port.start();
    }
  }

  async load(url: string): Promise<void> {
    const context = await (await launched()).newContext({ viewport: { width: 1280, height: 800 } });
    this.page = await context.newPage();
    await this.page.exposeBinding(
      'standIn',
      ({ frame }, kind: string, name: string | number, args: unknown[]) => {
        const senderFrame = { url: toStudio(frame.url()), parent: frame.parentFrame() };
        return this.#fromPage(kind, name, args, senderFrame);
      },
    );
    await this.page.addInitScript(`(${inPage})(${JSON.stringify(this.#preload)})`);
    await this.#serve(this.page);
    await this.page.goto(url.replace('studio://app', PAGE_ORIGIN));
  }

  /** What the page's `ipcRenderer` and its ports say. */
  async #fromPage(
    kind: string,
    name: string | number,
    args: unknown[],
    senderFrame: object,
  ): Promise<unknown> {
    const event = { sender: this, senderFrame };
    if (kind === 'invoke') return ipcMain.answer(String(name), event, args);
    if (kind === 'send') ipcMain.emit(String(name), event, ...args);
    if (kind === 'open') this.#openHandler({ url: String(name) });
    if (kind === 'port') this.#ports[Number(name)]?.postMessage(args[0]);
    if (kind === 'portClosed') this.#ports[Number(name)]?.close();
    return undefined;
  }

  async #serve(page: Page): Promise<void> {
    let loaded = false;
    await page.route('**/*', async route => {
      const request = route.request();
      const url = toStudio(request.url());
      // An empty answer leaves the page where it is, as a prevented navigation does.
      const isMainFrame = request.frame().parentFrame() === null;
      if (request.isNavigationRequest() && loaded && !this.#mayNavigate(url, isMainFrame)) {
        return route.fulfill({ status: 204 });
      }
      loaded = true;
      if (!url.startsWith('studio:')) return route.abort();
      await fulfil(route, await protocol.answer(new Request(url, { method: request.method() })));
    });
  }

  #mayNavigate(url: string, isMainFrame: boolean): boolean {
    let prevented = false;
    const details = {
      url,
      isMainFrame,
      preventDefault: () => {
        prevented = true;
      },
    };
    this.emit('will-frame-navigate', details);
    if (isMainFrame) this.emit('will-navigate', details);
    return !prevented;
  }

  #call<Name extends keyof PageBridge>(name: Name, argument: Parameters<PageBridge[Name]>[0]): void {
    const call = ({ name, argument }: { name: string; argument: unknown }) =>
      Reflect.get(standInBridge, name)(argument);
    // A page that closed meanwhile hears no more.
    this.page?.evaluate(call, { name, argument }).catch(() => {});
  }
}

async function fulfil(route: Route, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
}

export class BrowserWindow extends EventEmitter {
  static readonly #all: BrowserWindow[] = [];
  readonly webContents: WebContents;
  readonly options: Electron.BrowserWindowConstructorOptions;

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.webContents = new WebContents(options.webPreferences!.preload!);
    BrowserWindow.#all.push(this);
  }

  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all];
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return BrowserWindow.#all.find(window => window.webContents === contents) ?? null;
  }

  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url);
    this.emit('ready-to-show');
  }

  show(): void {}
  focus(): void {}
  restore(): void {}

  isMinimized(): boolean {
    return false;
  }

  async close(): Promise<void> {
    await this.webContents.page?.context().close();
    BrowserWindow.#all.splice(BrowserWindow.#all.indexOf(this), 1);
    if (BrowserWindow.#all.length === 0) app.emit('window-all-closed');
  }
}
