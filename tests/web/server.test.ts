/** The local server admits only its owner, and gives nothing but the window and the studio's media. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { messageChannel } from '../../src/bridge/channels/channel.ts';
import { webSocketChannel } from '../../src/bridge/channels/webSocket.ts';
import { type FetchHandler, fetchHandler, UPLOAD_LIMIT } from '../../src/main/fetchHandler.ts';
import { withoutSecrets } from '../../src/main/terminal.ts';
import { MOST_CONNECTIONS } from '../../src/main/web/connections.ts';
import { MOST_WINDOWS, startWebServer, type WebServer } from '../../src/main/web/server.ts';
import { rawRequest } from './rawHttp.ts';

let folder: string;
let server: WebServer;
let port: number;
let token: string;
let origin: string;
/** More than a connection holds that nobody reads. */
const LARGE = new Uint8Array(16 * 2 ** 20);
/** What reached the studio. */
const reached: { path: string; body?: Uint8Array }[] = [];

/** A handler with a defect, whose error tells the whole address. */
function breaking(handle: FetchHandler): FetchHandler {
  return async request => {
    if (request.url.includes('broken')) throw new Error(`fault of ${request.url}`);
    return handle(request);
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'receptive-web-'));
  const root = join(folder, 'window');
  await mkdir(join(root, 'assets'), { recursive: true });
  await mkdir(join(folder, 'window-backup'));
  await writeFile(join(root, 'web.html'), '<!doctype html><title>the window</title>');
  await writeFile(join(root, 'assets', 'app.js'), 'the app');
  await writeFile(join(folder, 'secret.json'), 'secret');
  await writeFile(join(folder, 'window-backup', 'app.js'), 'secret');
  await symlink(join(folder, 'secret.json'), join(root, 'link.json'));
  await symlink(folder, join(root, 'outside'));
  server = await startWebServer({
    port: 0,
    handle: breaking(
      fetchHandler({
        root,
        page: 'web.html',
        upload: async (path, parts) => {
          const body = await buffer(parts);
          reached.push({ path, body });
          return { status: 204, headers: {}, body: new Uint8Array() };
        },
        media: async path => {
          reached.push({ path });
          if (path.includes('defect')) throw new Error('a defect');
          if (path.includes('large'))
            return { status: 200, headers: { 'Content-Type': 'image/png' }, body: LARGE };
          const headers = { 'Content-Type': 'text/html', 'Content-Security-Policy': 'default-src *' };
          return { status: 200, headers, body: Buffer.from('<script>alert(1)</script>') };
        },
      }),
    ),
    onWindow: frames => {
      const window = messageChannel(frames);
      window.onMessage(message => window.send({ echo: message }));
    },
  });
  const address = new URL(server.access.address());
  origin = address.origin;
  port = Number(address.port);
  token = address.searchParams.get('token')!;
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const cookie = () => `receptive-${port}=${token}`;
const get = (path: string, headers: Record<string, string> = {}) => fetch(origin + path, { headers });
const rawGet = (path: string, host = `127.0.0.1:${port}`, more: string[] = []) =>
  rawRequest(port, [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...more]);

describe('the token', () => {
  test('in the address lets in and becomes a cookie that scripts and other sites cannot use', async () => {
    const answer = await get(`/?token=${token}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('the window');
    expect(answer.headers.get('set-cookie')).toBe(`${cookie()}; HttpOnly; SameSite=Strict; Path=/`);
  });

  test('as a cookie lets in', async () => {
    const answer = await get('/assets/app.js', { cookie: `other=1; ${cookie()}` });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('the app');
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test.each([
    ['missing', '/', {}, 401],
    ['missing, for an asset', '/assets/app.js', {}, 401],
    ['missing, for a medium', '/media/datasets/a/images/0.png', {}, 401],
    ['wrong', '/?token=wrong', {}, 403],
    ['empty', '/?token=', {}, 403],
    ['wrong, beside a right cookie', '/?token=wrong', { right: true }, 403],
  ])('%s: one sentence, nothing else', async (_name, path, { right }: { right?: boolean }, status) => {
    const answer = await get(path, right ? { cookie: cookie() } : {});
    expect(answer.status).toBe(status);
    expect((await answer.text()).trim()).toMatch(
      /^[^\n]*Open the whole address that Receptive printed[^\n]*$/,
    );
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test.each([
    ['of another port', (name: string, value: string) => `${name}1=${value}`],
    ['cut short', (name: string, value: string) => `${name}=${value.slice(0, -1)}`],
    ['lengthened', (name: string, value: string) => `${name}=${value}x`],
    ['empty', (name: string) => `${name}=`],
  ])('as a cookie %s is refused', async (_name, change) => {
    const answer = await get('/', { cookie: change(`receptive-${port}`, token) });
    expect([401, 403]).toContain(answer.status);
  });

  test('for one use is good once', async () => {
    const ticket = new URL(server.access.ticketAddress());
    expect((await get(ticket.pathname + ticket.search)).status).toBe(200);
    expect((await get(ticket.pathname + ticket.search)).status).toBe(403);
  });
});

describe('where a request comes from', () => {
  test.each([
    ['another name for this address', () => `localhost:${port}`],
    ['a name that was bound to it', () => `evil.example:${port}`],
    ['the address without its port', () => '127.0.0.1'],
    ['another port', () => `127.0.0.1:${port + 1}`],
    ['a longer name', () => `127.0.0.1:${port}.evil.example`],
    ['nothing', () => ''],
  ])('Host %s is refused, token or not', async (_name, host) => {
    expect((await rawGet(`/?token=${token}`, host())).status).toBe(403);
  });

  test('a missing or doubled Host is refused', async () => {
    const missing = await rawRequest(port, [`GET /?token=${token} HTTP/1.1`, 'Connection: close']);
    const old = await rawRequest(port, [`GET /?token=${token} HTTP/1.0`]);
    const doubled = await rawGet(`/?token=${token}`, `127.0.0.1:${port}`, ['Host: evil.example']);
    expect([missing.status, old.status, doubled.status]).toEqual([400, 403, expect.toSatisfy(s => s >= 400)]);
  });

  test.each([
    'null',
    'http://evil.example',
    'https://127.0.0.1',
    'http://127.0.0.1',
    'http://localhost:PORT',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:PORT.evil.example',
    'http://127.0.0.1:PORT/',
  ])('Origin %s is refused', async pattern => {
    const foreign = pattern.replace('PORT', String(port));
    expect((await rawGet('/', undefined, [`Cookie: ${cookie()}`, `Origin: ${foreign}`])).status).toBe(403);
  });

  test.each(['cross-site', 'same-site'])('a cookie sent for a %s page is refused', async site => {
    expect((await rawGet('/', undefined, [`Cookie: ${cookie()}`, `Sec-Fetch-Site: ${site}`])).status).toBe(
      403,
    );
  });

  test('our own page may ask', async () => {
    const own = [`Cookie: ${cookie()}`, `Origin: ${origin}`, 'Sec-Fetch-Site: same-origin'];
    expect((await rawGet('/', undefined, own)).status).toBe(200);
  });

  test('only this machine is listened to', async () => {
    await expect(fetch(`http://127.0.0.2:${port}/`)).rejects.toThrow();
  });
});

describe('paths', () => {
  test.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/%2e%2e%2fsecret.json',
    '/..%2fsecret.json',
    '/..%5csecret.json',
    '/%252e%252e/secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/../window-backup/app.js',
    '/..%2fwindow-backup/app.js',
    '/link.json',
    '/outside/secret.json',
    '/web.html%00.json',
    '//secret.json',
    '//evil.example/secret.json',
    '/assets',
    '/assets/',
    '/%',
    '/%ff',
    '/missing.js',
  ])('%s leads nowhere', async path => {
    const answer = await rawGet(path, undefined, [`Cookie: ${cookie()}`]);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });

  test.each(['http://evil.example/', '*', 'evil'])('the target %s is refused', async target => {
    const { status } = await rawGet(target, undefined, [`Cookie: ${cookie()}`]);
    expect(status).toBeGreaterThanOrEqual(400);
  });

  test.each([
    ['POST', '/', 405],
    ['DELETE', '/media/datasets/a', 405],
    ['PUT', '/web.html', 405],
    ['POST', '/upload/u1/a.png', 405],
  ])('%s %s is not answered', async (method, path, status) => {
    const answer = await fetch(origin + path, { method, headers: { cookie: cookie(), origin } });
    expect(answer.status).toBe(status);
  });

  test.each([
    ['with all that lets in', () => [`Cookie: ${cookie()}`, `Origin: ${origin}`]],
    ['with a token in the address', () => [`Origin: ${origin}`]],
    ['without anything', () => []],
  ])('TRACE %s is answered by 405 and what is allowed', async (_name, headers) => {
    const head = [`TRACE /?token=${token} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Connection: close'];
    const { status, headers: answered, body } = await rawRequest(port, [...head, ...headers()]);
    expect(status).toBe(405);
    expect(answered.get('allow')).toBe('GET, HEAD, PUT');
    expect(body).not.toContain(token);
  });

  test('HEAD tells what GET would, without a body', async () => {
    const answer = await fetch(`${origin}/assets/app.js`, { method: 'HEAD', headers: { cookie: cookie() } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await answer.text()).toBe('');
  });
});

describe('headers', () => {
  test('the page may load nothing from outside and run nothing inline', async () => {
    const { headers } = await get('/', { cookie: cookie() });
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port}`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test.each(['/', '/media/datasets/a/images/0.png', '/missing'])(
    '%s is not sniffed nor framed',
    async path => {
      const { headers } = await get(path, { cookie: cookie() });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test("a user's file is sandboxed whatever the studio says of it", async () => {
    const { headers } = await get('/media/datasets/a/images/0.png', { cookie: cookie() });
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  });
});

test('no line of the log holds a token', async () => {
  const logged = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const answer = await get(`/assets/broken.js?token=${token}`);
  expect(answer.status).toBe(500);
  const lines = logged.mock.calls.flat().join('\n');
  logged.mockRestore();
  expect(lines).toContain('GET /assets/broken.js');
  expect(lines).toContain('fault of');
  expect(lines).not.toContain(token);
});

test.each([
  ['an address', 'http://127.0.0.1:80/?token=SECRET&x=1'],
  ['an escaped address', 'http%3A%2F%2F127.0.0.1%2F%3Ftoken%3DSECRET'],
  ['a cookie', "{ cookie: 'receptive-4711=SECRET; other=1' }"],
])('what is written about a defect is without the token of %s', (_name, text) => {
  expect(withoutSecrets(text)).not.toContain('SECRET');
});

test('half requests are ended, and keep nobody out meanwhile', async () => {
  const half = [
    '',
    'GET / HT',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`,
    `GET /studio HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`,
    `PUT /upload/a/b HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\nContent-Length: 100\r\n\r\nx`,
  ];
  const open = new Set<Socket>();
  for (let i = 0; i < 500; i++) {
    const socket = connect(port, '127.0.0.1');
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.resume();
    socket.write(half[i % half.length]!);
  }
  // As many as there may be are left, and who may come in does.
  await vi.waitFor(() => expect(open.size).toBeLessThanOrEqual(MOST_CONNECTIONS), { timeout: 20_000 });
  expect((await get('/', { cookie: cookie() })).status).toBe(200);
  await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 40_000 });
});

test('whoever asks for a thousand images and reads none has one made, and holds nobody up', async () => {
  const asked = () => reached.filter(({ path }) => path === '/media/large.png').length;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  const head = `GET /media/large.png HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie()}\r\n\r\n`;
  socket.write(head.repeat(1000));
  await vi.waitFor(() => expect(asked()).toBeGreaterThan(0), { timeout: 10_000 });
  expect((await get('/media/another.png', { cookie: cookie() })).status).toBe(200);
  await sleep(500);
  expect(asked()).toBeLessThan(3);
  socket.destroy();
  await sleep(200);
  expect(asked()).toBeLessThan(4);
});

test('answers that were asked for at once come one after the other, each whole', async () => {
  const requests = ['/media/1.png', '/missing', '/assets/app.js'].map(
    path => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie()}\r\n`,
  );
  const { body } = await rawRequest(port, [`${requests.join('\r\n')}Connection: close`]);
  const places = ['alert(1)', 'nothing at this address', 'the app'].map(part => body.indexOf(part));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('an upload that stalls is broken off', { timeout: 90_000 }, async () => {
  const head = ['PUT /upload/u1/a.png HTTP/1.1', `Host: 127.0.0.1:${port}`, `Origin: ${origin}`];
  const before = reached.length;
  await rawRequest(port, [...head, `Cookie: ${cookie()}`, 'Content-Length: 1000'], 'the beginning').catch(
    () => {},
  );
  expect(reached).toHaveLength(before);
});

test('there are as many windows as there may be, and one more when one has gone', async () => {
  const open = () =>
    new WebSocket(`ws://127.0.0.1:${port}/studio`, { origin, headers: { cookie: cookie() } });
  const windows = Array.from({ length: MOST_WINDOWS }, open);
  await Promise.all(windows.map(window => once(window, 'open')));
  const [error] = await once(open(), 'error');
  expect(error).toBeInstanceOf(Error);
  for (const window of windows) window.terminate();
  await vi.waitFor(async () => {
    const window = open();
    await Promise.race([once(window, 'open'), once(window, 'error').then(([why]) => Promise.reject(why))]);
    window.terminate();
  });
});

test('a studio that fails to answer is no silence', async () => {
  const answer = await get('/media/defect', { cookie: cookie() });
  expect(answer.status).toBe(503);
  expect(await answer.text()).toBe('a defect\n');
});

describe('uploads', () => {
  const put = (path: string, body: BodyInit, headers: Record<string, string> = { origin }) =>
    fetch(origin + path, { method: 'PUT', body, headers: { cookie: cookie(), ...headers } });

  test('reach the studio with their decoded path and all their bytes', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    expect((await put('/upload/u1/cats/a%20caf%C3%A9.png', bytes)).status).toBe(204);
    const { path, body } = reached.at(-1)!;
    expect(path).toBe('/upload/u1/cats/a café.png');
    expect(Buffer.compare(body!, bytes)).toBe(0);
  });

  test.each([{}, { origin: 'http://evil.example' }])('from %o are refused', async headers => {
    const before = reached.length;
    expect((await put('/upload/u1/a.png', 'x', headers)).status).toBe(403);
    expect(reached).toHaveLength(before);
  });

  test.each(['/upload/u1/..%2f..%2fa.png', '/upload/u1/%00.png', '/upload/u1//a.png'])(
    '%s is refused',
    async path => {
      const before = reached.length;
      expect((await put(path, 'x')).status).toBe(404);
      expect(reached).toHaveLength(before);
    },
  );

  test('larger than the limit are refused with the limit, announced or not', async () => {
    const head = [
      'PUT /upload/u1/a.png HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      `Cookie: ${cookie()}`,
      `Origin: ${origin}`,
    ];
    const announced = [...head, 'Connection: close', `Content-Length: ${UPLOAD_LIMIT + 1}`];
    const { status, body } = await rawRequest(port, announced, 'x');
    expect(status).toBe(413);
    expect(body).toContain('256 MiB');
    const chunk = new Uint8Array(2 ** 22);
    let left = UPLOAD_LIMIT / chunk.length + 1;
    const endless = new ReadableStream({
      pull: controller => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    const streamed = await fetch(`${origin}/upload/u1/a.png`, {
      method: 'PUT',
      body: endless,
      headers: { cookie: cookie(), origin },
      duplex: 'half',
    } as RequestInit);
    expect(streamed.status).toBe(413);
  });
});

describe('the window’s socket', () => {
  const upgrade = (path: string, headers: string[], host = `127.0.0.1:${port}`) =>
    rawRequest(port, [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    ]);

  test.each([
    ['all right', {}, 101],
    ['no cookie', { cookie: null }, 401],
    ['a wrong cookie', { cookie: 'wrong' }, 403],
    ['no Origin', { origin: null }, 403],
    ['a foreign Origin', { origin: 'http://evil.example' }, 403],
    ['an opaque Origin', { origin: 'null' }, 403],
    ['a foreign Host', { host: 'evil.example' }, 403],
    ['another path', { path: '/' }, 400],
  ])('%s', async (_name, wrong: Record<string, string | null>, status) => {
    const given = { path: '/studio', cookie: token, origin, ...wrong };
    const headers = [
      ...(given.cookie === null ? [] : [`Cookie: receptive-${port}=${given.cookie}`]),
      ...(given.origin === null ? [] : [`Origin: ${given.origin}`]),
    ];
    expect((await upgrade(given.path!, headers, wrong.host ?? undefined)).status).toBe(status);
  });

  test('carries messages as they are, and closes on what is none', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/studio`, { origin, headers: { cookie: cookie() } });
    await new Promise(resolve => socket.once('open', resolve));
    const channel = webSocketChannel(socket);
    const answer = new Promise(resolve => channel.onMessage(resolve));
    channel.send({ curve: [0.25, Number.NaN], name: 'é' });
    expect(await answer).toEqual({ echo: { curve: [0.25, Number.NaN], name: 'é' } });
    const closed = new Promise<void>(resolve => channel.onClose(resolve));
    socket.send('no message of ours');
    await closed;
  });
});

test('an occupied port is one sentence', async () => {
  const again = startWebServer({ port, handle: async () => new Response(), onWindow: () => {} });
  await expect(again).rejects.toThrow(`Port ${port} is used by another program: choose another with --port`);
  await expect(again).rejects.toHaveProperty('name', 'UserError');
});
