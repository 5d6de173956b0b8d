/**
 * The `studio:` protocol for the window and its media, served by the fetch handler. Unlike `file:`, it has an origin
 * and no access to other files.
 */
import { protocol } from 'electron';
import { rendererFolder } from '../entries.ts';
import { type FetchHandlerOptions, fetchHandler, refusal } from '../fetchHandler.ts';

const SCHEME = 'studio';
const HOST = 'app';
export const WINDOW_ORIGIN = `${SCHEME}://${HOST}`;

/** Must be called before the app is ready. */
export function registerScheme(): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges }]);
}

export function serveWindow(studio: Pick<FetchHandlerOptions, 'media' | 'upload'>): void {
  const handle = fetchHandler({ root: rendererFolder(), page: 'desktop.html', ...studio });
  protocol.handle(SCHEME, async request =>
    new URL(request.url).host === HOST ? handle(request) : refusal(404, 'There is nothing at this address.'),
  );
}
