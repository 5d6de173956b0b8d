/** A run goes on from the last checkpoint that is whole, whatever became of the others, and says so. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { begun, checkpointFault, writeCheckpoint } from '../../src/engine/runtime/checkpoint.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { bestWeights } from '../../src/main/studio/checkpoints.ts';
import { openServices, type Services } from '../../src/main/studio/services.ts';
import { temporaryFolder } from '../database/temporary.ts';

let folder: string;
let services: Services;
const notices: string[] = [];

const openOver = (workspace: string) =>
  openServices({
    workspace,
    roots: [],
    workers: 2,
    yields: false,
    what: 'a test',
    emit: event => {
      if (event.type === 'notice') notices.push(event.message);
    },
  });

const drawn = newDocument('net', simpleCnn.build([3, 32, 32], 10));
const document: ProjectDocument = { ...drawn, dataset: 'shapes', training: { ...drawn.training, epochs: 1 } };

/** Trains, a checkpoint every five steps, until the one of a step is recorded. */
async function trainUntil(stopAt: number): Promise<Id> {
  const { id } = services.runs.start({
    document,
    project: null,
    name: null,
    checkpointSteps: 5,
    onMessage: message => {
      if (message.type === 'checkpoint' && message.step === stopAt) services.runs.stop(id);
    },
  });
  await services.runs.ended(id);
  return id;
}

const filesOf = () => readdirSync(join(folder, 'runs', run)).sort();
const lastOf = () => {
  const [last, before] = services.workspace.runs.listCheckpoints(run).filter(({ kind }) => kind === 'last');
  return { last: last!, before: before!, path: join(folder, last!.path) };
};

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x10;
  writeFileSync(path, bytes);
}

async function resumed(): Promise<string | null> {
  services.runs.resume(run);
  await services.runs.ended(run);
  return services.runs.summary(run).weightHash;
}

/** A workspace with a run that was stopped after step 20, made once and copied for each test. */
const template = mkdtempSync(join(tmpdir(), 'receptive-checkpoints-'));
let uninterrupted: string | null;
let run: Id;

beforeAll(async () => {
  services = await openOver(template);
  await services.datasets.ensureSample();
  const whole = await trainUntil(Number.POSITIVE_INFINITY);
  uninterrupted = services.runs.summary(whole).weightHash;
  expect(uninterrupted).toMatch(/^[0-9a-f]{64}$/);
  run = await trainUntil(20);
  await services.close();
}, 120_000);
afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(async () => {
  notices.length = 0;
  folder = temporaryFolder();
  cpSync(template, folder, { recursive: true });
  services = await openOver(folder);
});
afterEach(() => services.close());

it('keeps the last two and the best, and no file that is not recorded', async () => {
  const rows = services.workspace.runs.listCheckpoints(run);
  expect(rows.filter(({ kind }) => kind === 'last')).toHaveLength(2);
  await services.workspace.removals.sweep();
  expect(filesOf()).toEqual(rows.map(({ path }) => path.split(/[\\/]/).at(-1)).sort());
});

describe('where the last one', () => {
  const damages: Record<string, (path: string) => void> = {
    'is missing': path => unlinkSync(path),
    'is cut off': path => truncateSync(path, 1000),
    'is empty': path => truncateSync(path, 0),
    'has a byte flipped in a weight': path => flipByte(path, -1000),
    'has a byte flipped in its header': path => flipByte(path, 60),
    'has a byte flipped in the length of its header': path => flipByte(path, 3),
    'has a byte flipped in its checksum': path =>
      flipByte(path, readFileSync(path).indexOf('"crc32":"') + 10),
    'is another text': path => writeFileSync(path, 'this was a letter to my aunt'),
  };
  it.each(Object.entries(damages))(
    '%s, it goes on from the one before, to the same weights',
    async (_, damage) => {
      const { last, before, path } = lastOf();
      damage(path);
      expect(await resumed()).toBe(uninterrupted);
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatch(
        new RegExp(
          `^net \\d goes on from step ${before.step}, .*last-${last.step}\\.safetensors cannot be used, .+\\.$`,
        ),
      );
      const { steps } = services.runs.metrics(run, { step: 0, epoch: 0 });
      expect([...steps.step]).toEqual(Array.from({ length: 38 }, (_each, i) => i + 1));
    },
  );
});

it('none is whole: it says so, and the run stays as it is', async () => {
  for (const { path } of services.workspace.runs.listCheckpoints(run)) truncateSync(join(folder, path), 100);
  const asItWas = services.runs.detail(run);
  expect(() => services.runs.resume(run)).toThrow(
    /^net \d cannot go on: the checkpoint last-\d+\.safetensors/,
  );
  expect(() => bestWeights(services.workspace, services.runs.record(run))).toThrow(
    'has no weights to answer with',
  );
  expect(services.runs.detail(run)).toEqual(asItWas);
});

it('a row that leads out of the run’s folder is no checkpoint', async () => {
  const { last, path } = lastOf();
  const outside = join(folder, 'last-99.safetensors');
  copyFileSync(path, outside);
  const db = new Sqlite(join(folder, 'receptive.sqlite'));
  db.prepare('UPDATE checkpoints SET path = ? WHERE run = ? AND path = ?').run(
    'last-99.safetensors',
    run,
    last.path,
  );
  db.close();
  expect(await resumed()).toBe(uninterrupted);
  expect(notices[0]).toContain('its file is not there');
  expect(checkpointFault(outside)).toBeUndefined();
});

it('what was written and never recorded goes when the run is past it, what was half written with the next start', async () => {
  const { path } = lastOf();
  const own = join(folder, 'runs', run);
  copyFileSync(path, join(own, 'last-3.safetensors'));
  copyFileSync(path, join(own, 'last-9999.safetensors'));
  writeFileSync(join(own, '.last-25.safetensors.4711.tmp'), 'half');
  writeFileSync(join(own, 'notes.txt'), 'of a person');
  services.workspace.runs.updateRun(run, { state: 'running' });
  await services.close();
  services = await openOver(folder);
  expect(filesOf()).not.toContain('.last-25.safetensors.4711.tmp');
  expect(filesOf()).toContain('last-3.safetensors');
  expect(await resumed()).toBe(uninterrupted);
  await services.workspace.removals.sweep();
  expect(filesOf()).not.toContain('last-3.safetensors');
  expect(filesOf()).toEqual(expect.arrayContaining(['last-9999.safetensors', 'notes.txt']));
});

it('a checkpoint without a checksum, as earlier versions wrote them, is read, and noticed where it is cut off', () => {
  const path = join(folder, 'old.safetensors');
  const weight = { name: 'w', shape: [4], read: () => Float32Array.of(1, 2, 3, 4) };
  writeCheckpoint(path, [weight], { ...begun, step: 3 });
  const old = readFileSync(path)
    .toString('latin1')
    .replace(/"crc32":"[0-9a-f]{8}",/, match => ' '.repeat(match.length));
  writeFileSync(path, old, 'latin1');
  expect(checkpointFault(path)).toBeUndefined();
  truncateSync(path, old.length - 3);
  expect(checkpointFault(path)).toBe('the numbers of w are cut off');
});

const header = (json: unknown, data = Buffer.alloc(0), length?: bigint): Buffer => {
  const text = Buffer.from(JSON.stringify(json));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, data]);
};

describe('a checkpoint that is none of this run is passed over, and said to be none', () => {
  const tensors = (step: number, shape: number[], name = 'conv1.weight') => [
    { name, shape, read: () => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(step) },
  ];
  const foreign: [string, (path: string, step: number) => void][] = [
    [
      'of another network',
      (path, step) => writeCheckpoint(path, tensors(step, [2, 2], 'other'), { ...begun, step }),
    ],
    ['of other shapes', (path, step) => writeCheckpoint(path, tensors(step, [2, 2]), { ...begun, step })],
    ['of another step', path => copyFileSync(join(folder, lastOf().before.path), path)],
    ['of a header without end', path => writeFileSync(path, header({}, Buffer.alloc(64), 2n ** 63n))],
    [
      'of a header of 100 MB that is not there',
      path => writeFileSync(path, header({}, Buffer.alloc(64), 100_000_000n)),
    ],
    ['of null for what is known', path => writeFileSync(path, header({ __metadata__: null }))],
    [
      'of odd names',
      path =>
        writeFileSync(
          path,
          header(
            JSON.parse(
              '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"constructor":5,"toString":null}',
            ),
          ),
        ),
    ],
    ['of no losses', path => writeFileSync(path, header({ __metadata__: { receptive: '{"losses":null}' } }))],
    [
      'of progress that is a number',
      path => writeFileSync(path, header({ __metadata__: { receptive: '5' } })),
    ],
    [
      'of a step below zero',
      path => writeFileSync(path, header({ __metadata__: { receptive: '{"step":-1}' } })),
    ],
    ['that is a folder', path => mkdirSync(path)],
    ['that is a pipe', path => void execFileSync('mkfifo', [path])],
    ['that is a link to nothing', path => symlinkSync('/nowhere/at/all', path)],
    ['that is a link to a device', path => symlinkSync('/dev/zero', path)],
  ];
  it.each(foreign)('%s', async (_, put) => {
    const { last, path } = lastOf();
    unlinkSync(path);
    put(path, last.step);
    expect(await resumed()).toBe(uninterrupted);
    expect(notices).toEqual([
      expect.stringMatching(/goes on from step \d+, its checkpoint before: the checkpoint/),
    ]);
  });
});

it('goes on from what its folder holds where the database was put back from a day before', async () => {
  // The rows tell of checkpoints that were replaced since, whose files are gone.
  services.workspace.transaction(() => {
    for (const { path, kind } of services.workspace.runs.listCheckpoints(run)) {
      services.workspace.runs.deleteCheckpoint(run, path);
      services.workspace.runs.addCheckpoint(run, {
        ...{ step: 1, epoch: 0, kind, createdAt: 1 },
        path: `runs/${run}/${kind}-1.safetensors`,
      });
    }
  });
  expect(bestWeights(services.workspace, services.runs.record(run))).toMatchObject({
    path: expect.stringMatching(/last-2\d\.safetensors$/),
    note: expect.stringContaining('its file is not there'),
  });
  expect(await resumed()).toBe(uninterrupted);
  expect(notices).toEqual([expect.stringMatching(/goes on from step 2\d, which its folder holds/)]);
});

it('a run that has nothing left to go on from is not given more epochs', () => {
  for (const { path } of services.workspace.runs.listCheckpoints(run)) truncateSync(join(folder, path), 100);
  const asItWas = services.runs.detail(run);
  expect(() => services.runs.extend([run], 5)).toThrow(/cannot go on/);
  expect(services.runs.detail(run)).toEqual(asItWas);
});
