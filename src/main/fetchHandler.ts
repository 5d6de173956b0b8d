/**
 * The fetch handler of both hosts: serves the built window and the studio's media, and accepts uploads. The desktop
 * host uses it for the `studio:` protocol, the web host for HTTP. Authentication is up to the host.
 */
import { decodePath, staticFile } from './staticFiles.ts';
import type { MediaResponse } from './studio/hostProtocol.ts';

export interface FetchHandlerOptions {
  /** The folder of the built window. */
  root: string;
  /** The page at `/`: `desktop.html` or `web.html`. */
  page: string;
  /** Replaces the page in the folder; `nonce` allows its inline scripts. */
  live?: { page(): Promise<string>; readonly nonce: string } | undefined;
  media(path: string): Promise<MediaResponse>;
  /** Rejects when the upload is aborted. */
  upload(path: string, parts: AsyncIterable<Uint8Array>): Promise<MediaResponse>;
}

export type FetchHandler = (request: Request) => Promise<Response>;

/** The largest file that can be uploaded, in bytes. */
export const UPLOAD_LIMIT = 256 * 2 ** 20;

/** Sent with every response. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** User content is displayed, never executed, whatever its type. */
const MEDIA_POLICY = "sandbox; default-src 'none'";

export function fetchHandler(options: FetchHandlerOptions): FetchHandler {
  return async request => {
    const url = new URL(request.url);
    const path = url.pathname === '/' ? `/${options.page}` : decodePath(url.pathname);
    if (!path) return refusal(404, 'There is nothing at this address.');
    if (path.startsWith('/upload/')) return upload(request, path, options);
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed('GET, HEAD');
    if (path.startsWith('/media/')) return passOn(() => options.media(path));
    const { live } = options;
    const file =
      live && url.pathname === '/'
        ? { body: await live.page(), contentType: 'text/html; charset=utf-8' }
        : await staticFile(options.root, path);
    if (!file) return refusal(404, 'There is nothing at this address.');
    return answer(200, file.body, {
      'Content-Type': file.contentType,
      'Content-Security-Policy': pagePolicy(url, live && `'nonce-${live.nonce}'`),
      // Assets have content hashes in their names; pages do not.
      'Cache-Control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
    });
  };
}

/** An error response in plain text. */
export function refusal(status: number, sentence: string, headers: Record<string, string> = {}): Response {
  const type = 'text/plain; charset=utf-8';
  return answer(status, `${sentence}\n`, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers });
}

export function notAllowed(methods: string): Response {
  return refusal(405, `Only ${methods} are answered here.`, { Allow: methods });
}

/**
 * Content security policy: nothing from outside, no inline scripts, no eval. Inline styles are allowed, because React
 * sets them.
 */
function pagePolicy(url: URL, inlineScripts?: string): string {
  const socket = url.protocol === 'http:' ? ` ws://${url.host}` : '';
  return [
    "default-src 'none'",
    `script-src 'self'${inlineScripts ? ` ${inlineScripts}` : ''}`,
    "worker-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${socket}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

async function upload(request: Request, path: string, options: FetchHandlerOptions): Promise<Response> {
  if (request.method !== 'PUT') return notAllowed('PUT');
  const tooLarge = refusal(
    413,
    `A file can be at most ${UPLOAD_LIMIT / 2 ** 20} MiB. Import the folder from disk instead.`,
  );
  if (Number(request.headers.get('Content-Length')) > UPLOAD_LIMIT) return tooLarge;
  let size = 0;
  async function* parts(): AsyncGenerator<Uint8Array> {
    for await (const part of request.body ?? []) {
      size += part.length;
      if (size > UPLOAD_LIMIT) throw new RangeError('The file is too large.');
      yield part;
    }
  }
  const response = await passOn(() => options.upload(path, parts()));
  return size > UPLOAD_LIMIT ? tooLarge : response;
}

async function passOn(ask: () => Promise<MediaResponse>): Promise<Response> {
  let response: MediaResponse;
  try {
    response = await ask();
  } catch (error) {
    // The studio is restarting; the page can request it again.
    return refusal(503, error instanceof Error ? error.message : String(error));
  }
  const policy = { 'Content-Security-Policy': MEDIA_POLICY };
  return answer(response.status, response.body as Uint8Array<ArrayBuffer>, {
    ...response.headers,
    ...policy,
  });
}

function answer(status: number, body: BodyInit, headers: Record<string, string>): Response {
  // A 204 response must not have a body.
  return new Response(status === 204 ? null : body, { status, headers: { ...headers, ...securityHeaders } });
}
