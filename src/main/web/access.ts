/**
 * Who may use the web host: its owner, who has the token, from the page that this server itself served. Other
 * pages in the same browser, other names for this address and other users of the machine are refused. It reads
 * requests and answers none.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const OPEN_WHOLE_ADDRESS = 'Open the whole address that Receptive printed when it started.';

export interface AccessRefusal {
  status: 400 | 401 | 403;
  sentence: string;
}

export interface Grant {
  /** To be set when the token came in the address, so that it need not come again. */
  cookie: string | null;
}

export class Access {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly #host: string;
  readonly #cookieName: string;
  readonly #token: string;
  /** Tokens that are good once: for command lines, which other users of the machine can read. */
  readonly #tickets = new Set<string>();

  constructor(port: number, token = randomBytes(32).toString('base64url')) {
    this.#token = token;
    const { origin, host } = new URL(`http://127.0.0.1:${port}`);
    this.origin = origin;
    this.#host = host;
    // Browsers share cookies between the ports of a host.
    this.#cookieName = `receptive-${port}`;
  }

  /** The address that lets its holder in. */
  address(): string {
    return `${this.origin}/?token=${this.#token}`;
  }

  /** An address that lets in once. */
  ticketAddress(): string {
    const ticket = randomBytes(32).toString('base64url');
    this.#tickets.add(ticket);
    return `${this.origin}/?token=${ticket}`;
  }

  check(request: IncomingMessage): Grant | AccessRefusal {
    const hosts = request.headersDistinct.host ?? [];
    if (hosts.length !== 1 || hosts[0] !== this.#host) {
      return { status: 403, sentence: `This studio answers at ${this.origin} alone.` };
    }
    if (!request.url?.startsWith('/') || !URL.canParse(this.origin + request.url))
      return { status: 400, sentence: 'This is not an address of the studio.' };
    if (!this.#originIsOurs(request)) {
      return { status: 403, sentence: `Only pages of ${this.origin} may use this studio.` };
    }
    return this.#checkToken(request);
  }

  #checkToken(request: IncomingMessage): Grant | AccessRefusal {
    const given = new URL(this.origin + request.url).searchParams.get('token');
    if (given !== null) {
      if (!this.#tickets.delete(given) && !equal(given, this.#token)) {
        return {
          status: 403,
          sentence: `The token in this address is not this studio's. ${OPEN_WHOLE_ADDRESS}`,
        };
      }
      const cookie = `${this.#cookieName}=${this.#token}; HttpOnly; SameSite=Strict; Path=/`;
      return { cookie };
    }
    const kept = cookieValue(request, this.#cookieName);
    if (kept === undefined)
      return { status: 401, sentence: `The address lacks its token. ${OPEN_WHOLE_ADDRESS}` };
    // A cookie also comes with what pages of other local servers ask for.
    const site = request.headers['sec-fetch-site'] ?? 'none';
    if ((site !== 'same-origin' && site !== 'none') || !equal(kept, this.#token)) {
      return { status: 403, sentence: `This page has no access to the studio. ${OPEN_WHOLE_ADDRESS}` };
    }
    return { cookie: null };
  }

  /** Whether a page of ours sent it, or no page at all, as a browser's address bar. */
  #originIsOurs(request: IncomingMessage): boolean {
    const { origin, upgrade } = request.headers;
    if (origin !== undefined) return origin === this.origin;
    return (request.method === 'GET' || request.method === 'HEAD') && upgrade === undefined;
  }
}

/** Takes as long whether the first character differs or the last. */
function equal(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function cookieValue(request: IncomingMessage, name: string): string | undefined {
  const pairs = request.headers.cookie?.split(';').map(pair => pair.trim()) ?? [];
  return pairs.find(pair => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
