/**
 * A disk that fills up while something is written: a run waits and goes on when there is room, with the weights of
 * one that never waited; an edit is kept or refused in a sentence; an import ends in a sentence and goes on later;
 * neither studio nor command line ends.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A studio with a run that waits, because its disk was filled under it. */
async function pausedRun(name: string, epochs: number) {
  const pictures = await drawPictures(40);
  const studio = await new Studio().ready();
  const dataset = await studio.call('importDataset', { path: pictures, name: 'pictures' });
  await vi.waitFor(async () => {
    const { datasets } = await studio.call('snapshot');
    expect(datasets.find((each: { id: string }) => each.id === dataset)?.state).toBe('ready');
  }, PATIENT);
  const { id: project } = await studio.call('createProject', network({ epochs, batchSize: 16 }));
  const { id } = await studio.call('startRun', { project, name });
  await vi.waitFor(() => expect(studio.run(id)?.step).toBeGreaterThan(10), PATIENT);
  disk.fill();
  await vi.waitFor(() => expect(studio.run(id)).toMatchObject({ state: 'paused' }), PATIENT);
  return { studio, project, id };
}

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import { formatDocument, newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { picture } from '../datasets/workshop.ts';
import { noDisk, SmallDisk } from './smallDisk.ts';

const main = new URL('../../src/main/cli/main.ts', import.meta.url).pathname;
const studioScript = new URL('studioOnDisk.ts', import.meta.url).pathname;
const PATIENT = { timeout: 240_000, interval: 50 };
const MINUTES = 600_000;

if (noDisk !== null) console.warn(`Full disks are not tried: ${noDisk}.`);

let disk: SmallDisk;
const workspace = () => join(disk.folder, 'workspace');
beforeEach(async () => {
  // The sample takes twelve of them, and three checkpoints of the network four.
  if (noDisk === null) disk = await SmallDisk.mount(40);
});
afterEach(() => disk?.close());

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function command(...args: string[]): [string, string[]] {
  return disk.within([process.execPath, main, ...args, '--workspace', workspace()]);
}

function receptive(...args: string[]): Promise<Result> {
  return new Promise(resolve => {
    execFile(...command(...args), (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}

/** Two classes of small pictures, on the disk itself. */
async function drawPictures(count: number): Promise<string> {
  for (const [at, name] of ['a', 'b'].entries()) {
    mkdirSync(disk.seen(`pictures/${name}`), { recursive: true });
    for (let i = 0; i < count; i++) {
      const file = await picture({ seed: 2 * i + at + 1, width: 16, height: 16 });
      writeFileSync(disk.seen(`pictures/${name}/${i}.png`), file);
    }
  }
  return join(disk.folder, 'pictures');
}

function network(training: Partial<ProjectDocument['training']>): ProjectDocument {
  const graph = chain([
    ['Input', 'input', { shape: [3, 16, 16] }],
    ['Conv2d', 'conv', { outChannels: 8, stride: [2, 2] }],
    ['ReLU', 'relu'],
    ['Flatten', 'flatten'],
    ['Linear', 'hidden', { outFeatures: 300 }],
    ['Linear', 'head', { outFeatures: 2 }],
  ]);
  const document = newDocument('net', graph);
  return { ...document, dataset: 'pictures', training: { ...document.training, ...training } };
}

/** What the studio's process tells: an event, or the answer to a call. */
interface Told {
  id?: number;
  event?: StudioEvent;
  result?: unknown;
  error?: Error;
}

/** A studio on the disk. */
class Studio {
  readonly events: StudioEvent[] = [];
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (message: Told) => void>();
  #next = 0;

  constructor() {
    const [name, args] = disk.within([process.execPath, studioScript, workspace()]);
    this.#child = spawn(name, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
    this.#child.on('message', (message: Told) => {
      if (message.event) this.events.push(message.event);
      if (message.id !== undefined) this.#answers.get(message.id)!(message);
    });
  }

  async ready(): Promise<this> {
    await once(this.#child, 'message');
    return this;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  // biome-ignore lint/suspicious/noExplicitAny: any call of the contract
  call(call: string, ...args: unknown[]): Promise<any> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) =>
        error ? reject(Object.assign(new Error(error.message), { name: error.name })) : resolve(result),
      );
      this.#child.send({ id, call, args });
    });
  }

  /** The last that was told of a run. */
  run(id: string) {
    const told = this.events.flatMap(event =>
      event.type === 'run' && event.run.id === id ? [event.run] : [],
    );
    return told.at(-1);
  }
}

describe.skipIf(noDisk !== null)('a full disk', () => {
  it(
    'lets a run of the command line wait, and end in the weights of one that never waited',
    async () => {
      const pictures = await drawPictures(40);
      expect((await receptive('import', pictures, '--name', 'pictures')).code).toBe(0);
      const file = join(disk.folder, 'net.json');
      writeFileSync(disk.seen('net.json'), formatDocument(network({ epochs: 60, batchSize: 16 })));
      const args = ['train', file, '--json', '--checkpoint-steps', '1', '--workers', '1', '--name'];
      const hashOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!).weightHash;
      const quiet = hashOf((await receptive(...args, 'quiet')).stdout);
      expect(quiet).toMatch(/^[0-9a-f]{64}$/);

      const child = spawn(...command(...args, 'disturbed'), { stdio: ['ignore', 'pipe', 'pipe'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      let [stdout, stderr] = ['', ''];
      child.stdout!.on('data', chunk => {
        stdout += chunk;
      });
      child.stderr!.on('data', chunk => {
        stderr += chunk;
      });
      const exited = once(child, 'exit');
      await vi.waitFor(() => expect(stdout).toContain('"step":5,'), PATIENT);
      disk.fill();
      await vi.waitFor(() => expect(stderr).toContain('The run waits'), PATIENT);
      expect(stderr).toMatch(/The disk of .*workspace is full \([\d.]+ [kM]B are free\)/);
      disk.empty();
      const [code] = await exited;
      expect([code, stderr]).toEqual([0, expect.stringContaining('it goes on')]);
      expect(stderr).not.toMatch(/at .*\.ts:\d+/);
      expect(hashOf(stdout)).toBe(quiet);
    },
    MINUTES,
  );

  it(
    'refuses what cannot be kept, in a sentence, and the studio lives on',
    async () => {
      const pictures = await drawPictures(20);
      const studio = await new Studio().ready();
      await vi.waitFor(
        async () => expect((await studio.call('snapshot')).datasets[0]?.state).toBe('ready'),
        PATIENT,
      );
      const { id } = await studio.call('createProject', network({}));
      await studio.call('updateProject', id, { ...network({}), name: 'kept' }, 1);
      disk.fill();
      // Long enough that no room which the log has already is enough.
      const comments = Object.fromEntries(
        Array.from({ length: 2000 }, (_, i) => [`c${i}`, { text: `${i}`.repeat(2000), x: 0, y: 0 }]),
      );
      const { graph, ...rest } = network({});
      const tooLong = { ...rest, graph: { ...graph, comments } };
      const refusal = await studio.call('updateProject', id, tooLong, 2).catch(error => error);
      expect(refusal).toMatchObject({
        name: 'DiskTrouble',
        message: expect.stringMatching(/is full.*free some space/),
      });
      expect((await studio.call('openProject', id)).name).toBe('kept');
      const importing = await studio
        .call('importDataset', { path: pictures, name: 'pictures' })
        .catch(error => error);
      if (typeof importing === 'string') {
        await vi.waitFor(() => {
          const jobs = studio.events.flatMap(event => (event.type === 'job' ? [event.job] : []));
          const job = jobs.filter(each => each.id === importing).at(-1);
          expect(job).toMatchObject({
            state: 'failed',
            error: expect.stringMatching(/is full.*free some space/),
          });
        }, PATIENT);
      } else
        expect(importing).toMatchObject({ name: 'DiskTrouble', message: expect.stringMatching(/is full/) });
      expect(studio.isAlive).toBe(true);
      disk.empty();
      await studio.call('updateProject', id, { ...network({}), name: 'kept again' }, 3);
      await studio.call('close');
      const again = await new Studio().ready();
      expect((await again.call('openProject', id)).name).toBe('kept again');
      await again.call('close');
    },
    MINUTES,
  );

  it(
    'lets a run of the studio wait for its checkpoint and for its rows, and go on by itself',
    async () => {
      const { studio, id } = await pausedRun('patient', 4000);
      expect(studio.run(id)!.error).toMatch(/is full.*The run waits, and goes on by itself/);
      const { step } = studio.run(id)!;
      disk.empty();
      await vi.waitFor(() => {
        const { state, error, step: now } = studio.run(id)!;
        expect([state, error, now > step + 5]).toEqual(['running', null, true]);
      }, PATIENT);
      await studio.call('stopRun', id);
      await vi.waitFor(() => expect(studio.run(id)?.state).toBe('stopped'), PATIENT);
      const { steps } = await studio.call('runMetrics', id, { step: 0, epoch: 0 });
      expect(steps.step).toEqual(Array.from({ length: studio.run(id)!.step }, (_, i) => i + 1));
      await studio.call('close');
    },
    MINUTES,
  );

  it(
    'a run that is told to stop meanwhile stands where its last checkpoint does, and ends in the same weights',
    async () => {
      const { studio, project, id } = await pausedRun('stopped', 400);
      await studio.call('stopRun', id);
      // Its thread has given up by then: what it computed last is nowhere, and so is a hash of it.
      await new Promise(resolve => setTimeout(resolve, 3000));
      disk.empty();
      const stopped = { state: 'stopped', weightHash: null, rate: 0 };
      await vi.waitFor(() => expect(studio.run(id)).toMatchObject(stopped), PATIENT);
      await studio.call('resumeRun', id);
      await vi.waitFor(() => expect(studio.run(id)).toMatchObject({ state: 'finished' }), PATIENT);
      const other = await studio.call('startRun', { project, name: 'quiet' });
      await vi.waitFor(() => expect(studio.run(other.id)).toMatchObject({ state: 'finished' }), PATIENT);
      expect(studio.run(id)!.weightHash).toBe(studio.run(other.id)!.weightHash);
      await studio.call('close');
    },
    MINUTES,
  );

  it(
    'is no damage to a backup, and puts nothing in the place of what is there',
    async () => {
      const pictures = await drawPictures(4);
      expect((await receptive('import', pictures, '--name', 'pictures')).code).toBe(0);
      disk.fill();
      const { code, stderr } = await receptive('restore');
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^The disk of .* is full.*\n$/)]);
      const written = await receptive('new', '--model', 'lenet', '-o', join(disk.folder, 'new.json'));
      expect([written.code, written.stderr]).toEqual([2, expect.stringContaining('the disk is full')]);
      expect(readdirSync(disk.seen('.')).filter(name => /new|partial/.test(name))).toEqual([]);
      disk.empty();
      expect((await receptive('restore')).code).toBe(0);
      expect(JSON.parse((await receptive('datasets', '--json')).stdout)).toHaveLength(1);
      expect(readdirSync(disk.seen('workspace/backups'))).toHaveLength(1);
    },
    MINUTES,
  );

  it(
    'of which the room is gone for writing at all is told in one line',
    async () => {
      const pictures = await drawPictures(4);
      expect((await receptive('import', pictures, '--name', 'pictures')).code).toBe(0);
      disk.remount('ro');
      const { code, stderr } = await receptive('train', join(disk.folder, 'none.json'), '--data', 'pictures');
      expect(code).toBe(2);
      expect(stderr).toContain('none.json');
      const imported = await receptive('import', pictures, '--name', 'again');
      expect([imported.code, imported.stderr.trim().split('\n').length]).toEqual([2, 1]);
      expect(imported.stderr).not.toContain('Receptive failed');
    },
    MINUTES,
  );
});
