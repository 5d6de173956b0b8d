/**
 * Access control of the web host: requests need the owner's token and must come from a page of this server. Requests of
 * other pages in the browser, by other host names or by other users of the machine are refused.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const OPEN_WHOLE_ADDRESS = 'Open the whole address that Receptive printed when it started.';

export interface AccessRefusal {
  status: 400 | 401 | 403;
  sentence: string;
}

export interface Grant {
  /** Set where the token came in the address, so that further requests need no token there. */
  cookie: string | null;
}

export class Access {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly #host: string;
  readonly #cookieName: string;
  readonly #token: string;
  /** Single-use tokens for command lines, which other users of the machine can read. */
  readonly #tickets = new Set<string>();

  constructor(port: number, token = randomBytes(32).toString('base64url')) {
    this.#token = token;
    const { origin, host } = new URL(`http://127.0.0.1:${port}`);
    this.origin = origin;
    this.#host = host;
    // With the port in its name, because browsers share cookies between ports of a host.
    this.#cookieName = `receptive-${port}`;
  }

  /** The address with the token. */
  address(): string {
    return `${this.origin}/?token=${this.#token}`;
  }

  /** An address that works once. */
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
      if (!this.#tickets.delete(given) && !constantTimeEqual(given, this.#token)) {
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
    // Cookies are also sent with requests that pages of other local servers make.
    const site = request.headers['sec-fetch-site'] ?? 'none';
    if ((site !== 'same-origin' && site !== 'none') || !constantTimeEqual(kept, this.#token)) {
      return { status: 403, sentence: `This page has no access to the studio. ${OPEN_WHOLE_ADDRESS}` };
    }
    return { cookie: null };
  }

  /** Whether it was sent by a page of this server, or by no page, as from the address bar. */
  #originIsOurs(request: IncomingMessage): boolean {
    const { origin, upgrade } = request.headers;
    if (origin !== undefined) return origin === this.origin;
    return (request.method === 'GET' || request.method === 'HEAD') && upgrade === undefined;
  }
}

/** Compares in constant time. */
function constantTimeEqual(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function cookieValue(request: IncomingMessage, name: string): string | undefined {
  const pairs = request.headers.cookie?.split(';').map(pair => pair.trim()) ?? [];
  return pairs.find(pair => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
