/**
 * Ten thousand messages and two thousand documents that no window of ours would send, against a living host and studio:
 * neither ends, another window is answered all the while, and memory stays what it was. The figures are printed.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { decode, encode } from '../../src/bridge/codec.ts';
import type { StudioCalls } from '../../src/bridge/contract.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { zooModels } from '../../src/engine/zoo/registry.ts';
import { type LivingStudio, type Memory, startLivingStudio } from './livingStudio.ts';

const SEED = 20_260_730;
const BATCH = 100;
/** Milliseconds within which the other window has its answer: a second, and what a busy machine adds. */
const SOON = 5_000;
/** MiB that host and studio may have more than when they began. */
const GROWTH = 300;

/** Calls that train, scan folders or take long by themselves are asked with ids that exist nowhere. */
const names = [
  'snapshot',
  'createProject',
  'openProject',
  'updateProject',
  'saveProject',
  'importProject',
  'exportProject',
  'forecast',
  'preflight',
  'keepBlock',
  'deleteLibraryBlock',
  'listFolder',
  'importDataset',
  'recogniseFolder',
  'renewDataset',
  'editImages',
  'splitDataset',
  'previewAugmentations',
  'finishUpload',
  'dataset',
  'maskCounts',
  'datasetImages',
  'datasetImage',
  'cancelJob',
  'startRun',
  'runMetrics',
  'runEvaluation',
  'renameRun',
  'fineTune',
  'moveQueued',
  'cancelQueued',
  'startSweep',
  'answeredImages',
  'annotateRuns',
  'deleteRuns',
  'explain',
  'runLab',
  'cancelExplain',
  'constructor',
  '__proto__',
  'then',
  '$close',
] as const;

/** No path out of anywhere: what is tried here are messages. */
const word = fc.string({ unit: 'binary', maxLength: 40 }).map(text => text.replaceAll('.', ','));
const anything = fc.oneof(
  fc.anything({
    key: word,
    values: [word, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)],
    maxDepth: 4,
    withTypedArray: true,
  }),
  word,
  fc.constantFrom('toJSON', 'toString', 'valueOf', 'constructor').map(key => ({ [key]: 1 })),
  fc.constant({ toString: 1, valueOf: 1, toJSON: 1, constructor: 1, hasOwnProperty: 1 }),
  fc.constant(newDocument('Fuzzed')),
  fc
    .nat({ max: 3000 })
    .map(count => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i]))),
);
const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 21 });
const call = fc.record(
  {
    t: fc.constant('q'),
    i: id,
    m: fc.constantFrom(...names),
    a: fc.oneof(fc.constant([]), fc.array(anything, { maxLength: 4 })),
  },
  { requiredKeys: ['t', 'm', 'a'] },
);
/** The shape of a message, with anything in its places. */
const nearMiss = fc.record(
  {
    t: fc.oneof(fc.constantFrom('q', 's', 'x'), anything),
    i: fc.oneof(id, anything),
    m: fc.oneof(fc.constantFrom(...names), anything),
    a: anything,
    e: anything,
    r: anything,
    o: anything,
  },
  { requiredKeys: ['t'] },
);

/** What msgpackr can pack of it; undefined where that is nothing. */
function packed(message: unknown): Uint8Array | undefined {
  try {
    return encode(message);
  } catch {
    return undefined;
  }
}

const frame = fc.oneof(call, nearMiss, anything).map(packed);
const changed = fc
  .tuple(frame, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }), fc.nat())
  .map(([bytes, changes, cut]) => {
    if (!bytes || bytes.length === 0) return undefined;
    const copy = new Uint8Array(bytes);
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return cut % 4 === 0 ? copy.subarray(0, cut % copy.length) : copy;
  })
  // A dot may have come in: the same care as for words.
  .map(bytes => bytes?.map(byte => (byte === 0x2e ? 0x2c : byte)));
/** A message inside lists: 0x91 opens a list of one. */
const deep = fc
  .constantFrom(50, 99, 100, 101, 5_000, 1_000_000)
  .map(levels => new Uint8Array(levels + 1).fill(0x91, 0, levels));
/** Lists and records that say to hold billions. */
const boastful = fc
  .tuple(fc.constantFrom(0xdd, 0xdf, 0xc6, 0xdb, 0xc9), fc.integer({ min: 2 ** 16, max: 2 ** 32 - 1 }))
  .map(([token, length]) => {
    const bytes = new Uint8Array(16);
    bytes[0] = token;
    new DataView(bytes.buffer).setUint32(1, length);
    return bytes;
  });
const wide = fc.integer({ min: 65_000, max: 70_000 }).map(count => {
  const entries = Array.from({ length: count }, (_, i) => [`n${i}`, { text: '', x: 0, y: 0 }]);
  const document = newDocument('Wide');
  const graph = { ...document.graph, comments: Object.fromEntries(entries) };
  return encode({ t: 'q', i: 'wide', m: 'forecast', a: [{ ...document, graph }] });
});
const sent = fc.oneof(
  { weight: 60, arbitrary: fc.oneof(call, nearMiss).map(packed) },
  { weight: 20, arbitrary: changed },
  { weight: 12, arbitrary: fc.uint8Array({ maxLength: 2000 }) },
  { weight: 4, arbitrary: boastful },
  { weight: 3, arbitrary: deep },
  { weight: 1, arbitrary: fc.string({ maxLength: 200 }) },
);

interface Figures {
  tried: number;
  /** Answered with what was asked for, and with a sentence. The others ask for no answer, or their window is closed. */
  answered: number;
  refused: number;
  /** Windows that were closed for what they sent. */
  closed: number;
  /** Milliseconds that the other window waited, at most. */
  slowest: number;
}

const nothing = (): Figures => ({ tried: 0, answered: 0, refused: 0, closed: 0, slowest: 0 });

/** A window that sends by hand. What is no message is sent by a window of its own, which is closed for it. */
class Fuzzer {
  readonly #studio: LivingStudio;
  readonly #figures: Figures;
  readonly #socket: WebSocket;

  constructor(studio: LivingStudio, figures: Figures, socket: WebSocket) {
    this.#studio = studio;
    this.#figures = figures;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#hear(data));
  }

  async send(message: Uint8Array | string): Promise<void> {
    this.#figures.tried++;
    if (isMessage(message)) return this.#socket.send(message);
    const socket = await this.#studio.openSocket();
    const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
    socket.send(message);
    await closed;
    this.#figures.closed++;
  }

  /** Until all that was sent was looked at. */
  async settled(): Promise<void> {
    const marked = new Promise<void>(resolve => {
      const hear = (data: Buffer) => {
        if ((decode(data) as { i?: string }).i !== MARK) return;
        this.#socket.off('message', hear);
        resolve();
      };
      this.#socket.on('message', hear);
    });
    this.#socket.send(encode({ t: 'q', i: MARK, m: 'none', a: [] }));
    await marked;
  }

  #hear(data: Buffer): void {
    const { t, i, e } = decode(data) as { t: string; i: string; e?: unknown };
    if (t !== 's' || i === MARK) return;
    if (e) this.#figures.refused++;
    else this.#figures.answered++;
  }
}

const MARK = 'all that came before';

function isMessage(message: Uint8Array | string): boolean {
  try {
    return typeof message !== 'string' && decode(message) !== undefined;
  } catch {
    return false;
  }
}

/** How long a well-formed call of another window takes. */
async function wait(window: StudioCalls): Promise<number> {
  const begun = performance.now();
  await window.listFolder(null);
  return performance.now() - begun;
}

function grown(now: Memory, before: Memory): Memory {
  return { host: now.host - before.host, studio: now.studio - before.studio };
}

async function judge(studio: LivingStudio, figures: Figures, before: Memory, what: string): Promise<void> {
  const now = studio.memory();
  const growth = grown(now, before);
  process.stdout.write(
    `${what}: ${JSON.stringify({ ...figures, slowest: Math.round(figures.slowest) })}, ` +
      `memory before ${before.host} + ${before.studio} MiB (host + studio), after ${now.host} + ${now.studio} MiB\n`,
  );
  expect(studio.isUnharmed()).toBe(true);
  expect(figures.slowest).toBeLessThan(SOON);
  expect(growth.host).toBeLessThan(GROWTH);
  expect(growth.studio).toBeLessThan(GROWTH);
}

test('ten thousand messages', { timeout: 900_000 }, async () => {
  const studio = await startLivingStudio();
  const window = await studio.openWindow();
  await window.snapshot();
  const before = studio.memory();
  const figures = nothing();
  const fuzzer = new Fuzzer(studio, figures, await studio.openSocket());
  const rare = fc.sample(wide, { numRuns: 10, seed: SEED });
  const messages = fc.sample(sent, { numRuns: 10_000 - rare.length, seed: SEED });
  for (const [place, message] of rare.entries()) messages.splice(place * 997, 0, message);
  for (let at = 0; at < messages.length; at += BATCH) {
    for (const message of messages.slice(at, at + BATCH))
      await fuzzer.send(message ?? new Uint8Array([0xc1]));
    figures.slowest = Math.max(figures.slowest, await wait(window));
    await fuzzer.settled();
  }
  await judge(studio, figures, before, 'Messages');
});

/** Ways in which a document can be wrong at one of its places. */
const oddValue = fc.oneof(
  anything,
  fc.constantFrom(null, '', 0, -1, 1e308, [], {}, '__proto__', 'x'.repeat(10_000), [[[[[[[[]]]]]]]]),
  fc.constantFrom(90, 20_000).map(nested),
  fc.constantFrom(3000, 70_000).map(count => Array.from({ length: count }, (_, i) => i % 10)),
);

function nested(levels: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

/** The document with the value at a place of it, found by walking down some steps. */
function withOdd(document: object, steps: readonly number[], value: unknown): unknown {
  const copy = structuredClone(document) as Record<string, unknown>;
  let parent = copy;
  for (const step of steps.slice(0, -1)) {
    const inner = Object.values(parent).filter(child => typeof child === 'object' && child !== null);
    if (inner.length === 0) break;
    parent = inner[step % inner.length] as Record<string, unknown>;
  }
  const keys = Object.keys(parent);
  parent[keys[steps.at(-1)! % (keys.length || 1)] ?? 'odd'] = value;
  return copy;
}

test('two thousand documents', { timeout: 900_000 }, async () => {
  const studio = await startLivingStudio();
  const [window, other] = [await studio.openWindow(), await studio.openWindow()];
  const { projects } = await window.snapshot();
  const before = studio.memory();
  const figures = nothing();
  const bases = zooModels()
    .filter(({ name }) => /simple|lenet|small|broken/.test(name))
    .map(model => newDocument(model.name, model.build(model.input, model.classes)));
  const documents = fc.sample(
    fc.tuple(
      fc.constantFrom(...bases),
      fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 7 }),
      oddValue,
      fc.nat({ max: 3 }),
    ),
    { numRuns: 2000, seed: SEED },
  );
  const ways: ((document: never) => Promise<unknown>)[] = [
    document => window.importProject(JSON.stringify(document) ?? ''),
    document => window.createProject(document),
    document => window.forecast(document),
    document => window.updateProject(projects[0]!.id, document, Date.now()),
  ];
  for (let at = 0; at < documents.length; at += BATCH) {
    const asked = documents.slice(at, at + BATCH).map(async ([base, steps, value, way]) => {
      figures.tried++;
      try {
        await ways[way]!(withOdd(base, steps, value) as never);
        figures.answered++;
      } catch (error) {
        expect((error as Error).name, (error as Error).stack).not.toBe('ConnectionClosed');
        figures.refused++;
      }
    });
    figures.slowest = Math.max(figures.slowest, await wait(other));
    await Promise.all(asked);
  }
  await judge(studio, figures, before, 'Documents');
});
