/**
 * Restrictions of windows: no other origins, no new windows, no embedding, no devices; except that the app's own page
 * may use the camera, without sound. Links to known sites open in the default browser. None of this can be switched
 * off.
 */
import { app, type IpcMainEvent, type IpcMainInvokeEvent, session, shell, type WebContents } from 'electron';
import { WINDOW_ORIGIN } from './protocol.ts';

/** Sites that help texts link to. */
const KNOWN_SITES = new Set([
  'arxiv.org',
  'docs.pytorch.org',
  'pytorch.org',
  'github.com',
  'keras.io',
  'onnx.ai',
]);

/** Must be called before the first window is made. */
export function guardWindows(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(permission === 'media' && isCamera(details)),
  );
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin, { mediaType }) =>
      permission === 'media' && mediaType === 'video' && isOurs(origin),
  );
  session.defaultSession.setDevicePermissionHandler(() => false);
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
}

/** Video without audio, for the app's own page. */
function isCamera({ requestingUrl, ...details }: { requestingUrl: string; mediaTypes?: string[] }): boolean {
  const { mediaTypes = [] } = details;
  return mediaTypes.length > 0 && mediaTypes.every(type => type === 'video') && isOurs(requestingUrl);
}

function guardContents(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
  contents.on('will-navigate', details => {
    if (isOurs(details.url)) return;
    details.preventDefault();
    openOutside(details.url);
  });
  contents.on('will-frame-navigate', details => {
    if (!details.isMainFrame) details.preventDefault();
  });
  contents.on('will-redirect', details => {
    if (!isOurs(details.url)) details.preventDefault();
  });
  contents.on('will-attach-webview', event => event.preventDefault());
}

/** Whether a message comes from the app's own page, not from a frame or another page. */
export function isTrusted({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}

function isOurs(url: string): boolean {
  return URL.canParse(url) && `${new URL(url).protocol}//${new URL(url).host}` === WINDOW_ORIGIN;
}

function openOutside(url: string): void {
  if (!URL.canParse(url)) return;
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' && KNOWN_SITES.has(hostname)) shell.openExternal(url).catch(() => {});
}
