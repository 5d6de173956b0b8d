/** A living host and studio under windows that send too much, too fast or the wrong thing, or never read. */

import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { decode, encode } from '../../src/bridge/codec.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { type LivingStudio, startLivingStudio } from './livingStudio.ts';

/** MiB that host and studio may have more, at any moment, than when they began: what is swept away only later counts too. */
const GROWTH = 300;
/** A slow machine must not fail a sound test. */
const PATIENT = { timeout: 240_000 };

/** Does something to a studio, and holds that neither process ended nor grew, also meanwhile. */
async function survives(studio: LivingStudio, what: string, deed: () => Promise<unknown>): Promise<void> {
  const window = await studio.openWindow();
  await window.snapshot();
  const before = studio.memory();
  const most = { ...before };
  const watch = setInterval(() => {
    const now = studio.memory();
    most.host = Math.max(most.host, now.host);
    most.studio = Math.max(most.studio, now.studio);
  }, 200);
  try {
    await deed();
  } finally {
    clearInterval(watch);
  }
  process.stdout.write(
    `${what}: host ${before.host} MiB, at most ${most.host}; studio ${before.studio}, at most ${most.studio}\n`,
  );
  await window.snapshot();
  expect(studio.isUnharmed()).toBe(true);
  expect(most.host - before.host).toBeLessThan(GROWTH);
  expect(most.studio - before.studio).toBeLessThan(GROWTH);
}

const call = (m: string, a: unknown[], i = 'x') => encode({ t: 'q', i, m, a });

/** Events come too. */
const isAnswer = (data: unknown) => (decode(data as Buffer) as { t: string }).t === 's';

test('ten thousand calls at once are all answered', PATIENT, async () => {
  const studio = await startLivingStudio();
  const socket = await studio.openSocket();
  await survives(studio, 'Ten thousand calls', async () => {
    let answers = 0;
    socket.on('message', () => answers++);
    for (let i = 0; i < 10_000; i++) socket.send(call('snapshot', []));
    await vi.waitFor(() => expect(answers).toBeGreaterThanOrEqual(10_000), {
      timeout: 200_000,
      interval: 200,
    });
  });
});

test('a gigabyte of messages is taken in, one after the other', PATIENT, async () => {
  const studio = await startLivingStudio();
  const socket = await studio.openSocket();
  await survives(studio, 'A gigabyte', async () => {
    let answers = 0;
    socket.on('message', data => {
      if (isAnswer(data)) answers++;
    });
    const frame = call('importProject', ['x'.repeat(4 * 2 ** 20)]);
    for (let i = 0; i < 256; i++)
      await new Promise<void>((resolve, reject) =>
        socket.send(frame, error => (error ? reject(error) : resolve())),
      );
    await vi.waitFor(() => expect(answers).toBe(256), { timeout: 200_000, interval: 200 });
  });
});

test('a window that never reads is given no more, and costs no memory', PATIENT, async () => {
  const studio = await startLivingStudio();
  const window = await studio.openWindow();
  const { projects } = await window.snapshot();
  const wide = withComments(await documentOf(window, projects[0]!.id), 5_000);
  const { id } = await window.createProject(wide);
  await survives(studio, 'A window that never reads', async () => {
    const socket = connect(studio.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      [
        'GET /studio HTTP/1.1',
        `Host: 127.0.0.1:${studio.port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        `Cookie: ${studio.cookie}`,
        `Origin: ${studio.origin}`,
        '\r\n',
      ].join('\r\n'),
    );
    // It reads the first bytes that come, then nothing.
    await new Promise(resolve => socket.once('data', resolve));
    socket.pause();
    const frame = masked(call('openProject', [id]));
    for (let i = 0; i < 3000; i++) socket.write(frame);
    await sleep(10_000);
    socket.destroy();
  });
});

test(
  'a large project that is changed a hundred times at once keeps the last change, and its window',
  PATIENT,
  async () => {
    const studio = await startLivingStudio();
    const window = await studio.openWindow();
    const document = withComments(newDocument('Busy'), 8000);
    const { id } = await window.createProject(document);
    const changes = Array.from({ length: 100 }, (_, i) => ({
      ...document,
      graph: {
        ...document.graph,
        comments: { ...document.graph.comments, c0: { text: 'A note.'.repeat(1400), x: i, y: 0 } },
      },
    }));
    await Promise.all(changes.map((change, i) => window.updateProject(id, change, i + 1)));
    expect((await documentOf(window, id)).graph).toEqual(changes.at(-1)!.graph);
    expect(studio.isUnharmed()).toBe(true);
  },
);

test('ninety thousand runs that are deleted at once disconnect nobody', PATIENT, async () => {
  const studio = await startLivingStudio();
  const window = await studio.openWindow();
  const ids = Array.from({ length: 90_000 }, (_, i) => i.toString(16).padStart(16, '0') as Id);
  await survives(studio, 'Ninety thousand runs', async () => {
    await window.deleteRuns(ids);
    await window.snapshot();
  });
});

/** A client's WebSocket frame of a short message, under the mask of nothing. */
function masked(message: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x82, 0x80 | message.length, 0, 0, 0, 0), message]);
}

async function documentOf(
  window: Awaited<ReturnType<LivingStudio['openWindow']>>,
  project: Id,
): Promise<ProjectDocument> {
  return (await window.openProject(project)).document;
}

function withComments(document: ProjectDocument, count: number): ProjectDocument {
  const comments = Array.from({ length: count }, (_, i) => [`c${i}`, { text: 'A note.', x: i, y: 0 }]);
  return { ...document, graph: { ...document.graph, comments: Object.fromEntries(comments) } };
}

test(
  'a project with more than 65,535 notes opens, again and again; one with more than there may be is refused in a sentence',
  PATIENT,
  async () => {
    const studio = await startLivingStudio();
    const window = await studio.openWindow();
    await expect(window.createProject(withComments(newDocument('Wide'), 120_000))).rejects.toThrow(
      /graph\.comments: a project holds at most 100000 comments, here are 120000\.$/,
    );
    const document = withComments(newDocument('Wide'), 70_000);
    const { id } = await window.createProject(document);
    for (let time = 0; time < 2; time++) expect((await documentOf(window, id)).graph).toEqual(document.graph);
    const { text } = await window.exportProject(id);
    const copy = await window.importProject(text);
    expect((await documentOf(window, copy.id)).graph).toEqual(document.graph);
    expect(studio.isUnharmed()).toBe(true);
  },
);

test('a file nested twenty thousand levels deep is refused in a sentence', PATIENT, async () => {
  const studio = await startLivingStudio();
  const window = await studio.openWindow();
  const { projects } = await window.snapshot();
  const { text } = await window.exportProject(projects[0]!.id);
  const deep = text.replace('"params":{', `"params":{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)},`);
  expect(deep).not.toBe(text);
  const error: Error = await window.importProject(deep).then(
    () => new Error('kept'),
    error => error,
  );
  expect(error.message).toMatch(
    /^The project file is wrong at graph\.nodes\.\S+: lists and objects lie more than 24 deep within one another\.$/,
  );
  expect(error.name).toBe('UserError');
  expect(studio.isUnharmed()).toBe(true);
});

test('large uploads go to the disk, and one that breaks off leaves nothing', PATIENT, async () => {
  const studio = await startLivingStudio();
  const window = await studio.openWindow();
  const upload = await window.beginUpload('large');
  const piece = new Uint8Array(2 ** 20).fill(7);
  const put = (name: string, pieces: number, breaks = false) => {
    let left = pieces;
    const body = new ReadableStream<Uint8Array>({
      pull: controller => {
        if (left-- > 0) controller.enqueue(piece);
        else if (breaks) controller.error(new Error('gone'));
        else controller.close();
      },
    });
    return fetch(`${studio.origin}/upload/${upload}/${name}`, {
      method: 'PUT',
      body,
      headers: { cookie: studio.cookie, origin: studio.origin },
      duplex: 'half',
    } as RequestInit);
  };
  const folder = join(studio.workspace, 'uploads');
  await survives(studio, 'Six uploads of 100 MiB', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => put(`${i}.png`, 100)));
    expect(answers.map(answer => answer.status)).toEqual(new Array(6).fill(204));
  });
  await expect(put('broken.png', 3, true)).rejects.toThrow();
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([upload]), { timeout: 60_000 });
  expect(readdirSync(join(folder, upload)).toSorted()).toEqual([0, 1, 2, 3, 4, 5].map(i => `${i}.png`));
  // What is refused is so before all of it has come.
  const refused = await fetch(`${studio.origin}/upload/none/a.png`, {
    method: 'PUT',
    body: piece,
    headers: { cookie: studio.cookie, origin: studio.origin },
  });
  expect(refused.status).toBeGreaterThanOrEqual(400);
  await window.cancelUpload(upload);
  expect(existsSync(join(folder, upload))).toBe(false);
});
