/**
 * A studio in a process of its own, in which faults happen: `node actor.ts SCENE WORKSPACE DESK` does what a scene
 * says and tells on its output, a line of JSON at a time, what it asks for and what is acknowledged.
 */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { StudioCalls } from '../../src/bridge/contract.ts';
import { isUserFault } from '../../src/bridge/faults.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import { formatDocument } from '../../src/engine/graph/document.ts';
import { openStudio, type Studio } from '../../src/main/studio/studio.ts';
import { doomed, picture } from './desk.ts';
import { ANYTHING, type Standing } from './ledger.ts';

/** A line that an actor tells. */
export type Told =
  | { type: 'asked' | 'acknowledged'; key: string; standing: Standing }
  | { type: 'refused'; key: string; name: string; message: string }
  | { type: 'point'; run: string; step: number; loss: number }
  | { type: 'failed'; what: string; message: string };

/** Epochs of the runs that actors train. */
export const EPOCHS = 4;

interface Stage {
  calls: StudioCalls;
  media: Studio['media'];
  /** Where the person's own files lie. */
  desk: string;
}

export const scenes = { opening, edit, data, upload, run, leave } as const;
export type Scene = keyof typeof scenes;

function tell(line: Told): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Asks for a change. @returns undefined where it was refused */
async function change<T>(key: string, standing: Standing, call: () => Promise<T>): Promise<T | undefined> {
  tell({ type: 'asked', key, standing });
  try {
    const answer = await call();
    tell({ type: 'acknowledged', key, standing });
    return answer;
  } catch (error) {
    const { name, message } = error as Error;
    tell({ type: 'refused', key, name, message });
    return undefined;
  }
}

/** The sample is drawn, or what was interrupted is taken up. */
async function opening({ calls }: Stage): Promise<void> {
  await jobsEnd(calls);
}

async function edit({ calls }: Stage): Promise<void> {
  const created = await tried('createProject', () => calls.createProject(doomed(EPOCHS)));
  if (!created) return;
  const { id, document } = created;
  tell({ type: 'acknowledged', key: `project/${id}`, standing: formatDocument(document) });
  for (let version = 1; version <= 4; version++) {
    const changed = { ...document, training: { ...document.training, seed: version } };
    await change(`project/${id}`, formatDocument(changed), () => calls.updateProject(id, changed, version));
  }
  await tried('saveProject', () => calls.saveProject(id));
  const other = await tried('createProject', () => calls.createProject(document));
  if (!other) return;
  tell({ type: 'acknowledged', key: `project/${other.id}`, standing: formatDocument(other.document) });
  await change(`project/${other.id}`, null, () => calls.deleteProject(other.id));
}

async function data({ calls, media, desk }: Stage): Promise<void> {
  const options = { path: join(desk, 'few'), name: 'mine' };
  const id = await tried('importDataset', () => calls.importDataset(options));
  await jobsEnd(calls);
  const known = (await calls.snapshot()).datasets.find(({ state }) => state === 'ready' && id);
  if (!id || known?.id !== id) return;
  tell({ type: 'acknowledged', key: `dataset/${id}`, standing: 'mine' });
  const rule = { by: 'ratio', val: 0.2, test: 0.2, seed: 3 } as const;
  await change(`images/${id}`, ANYTHING, () => calls.splitDataset(id, rule));
  await change(`images/${id}`, ANYTHING, () => calls.editImages(id, [{ index: 1, label: 2 }]));
  await change(`images/${id}`, ANYTHING, () => calls.restoreVersion(id, 1));
  await tried('clearCache', () => calls.clearCache(id));
  const path = `/media/datasets/${id}/images/0.png`;
  await tried('an image', async () => {
    const { status, body } = await media.answer(path);
    if (status !== 200) throw new Error(Buffer.from(body).toString());
  });
  await change(`dataset/${id}`, null, () => calls.deleteDataset(id));
}

async function upload({ calls, media }: Stage): Promise<void> {
  let file = 0;
  for (const name of ['kept', 'cancelled']) {
    const upload = await tried('beginUpload', () => calls.beginUpload(name));
    if (!upload) continue;
    for (let at = 0; at < 6; at++) {
      const path = `/upload/${upload}/${at % 2 ? 'odd' : 'even'}/${at}.png`;
      const bytes = new Uint8Array(await picture(700 + at));
      await tried('PUT', async () => {
        const answer = await media.takeFile({ file: ++file, path, bytes, follows: 'end' });
        if (answer?.status !== 204) throw new Error(Buffer.from(answer?.body ?? []).toString());
      });
    }
    if (name === 'cancelled') {
      await tried('cancelUpload', () => calls.cancelUpload(upload));
      continue;
    }
    const id = await tried('finishUpload', () => calls.finishUpload(upload));
    await jobsEnd(calls);
    const { datasets } = await calls.snapshot();
    if (id && datasets.some(each => each.id === id && each.state === 'ready'))
      tell({ type: 'acknowledged', key: `dataset/${id}`, standing: name });
  }
}

/** Trains to the end; beside it what a person does with runs. */
async function run({ calls }: Stage): Promise<void> {
  const id = await begin(calls);
  if (!id) return;
  const notes = (text: string) => JSON.stringify(['doomed', text, ['good']]);
  for (const text of ['first', 'second']) {
    const annotation = { notes: text, tags: ['good'] };
    await change(`run/${id}`, notes(text), () => calls.annotateRuns([id], annotation));
  }
  for (let told = 0; ; await sleep(10)) {
    const { state } = (await calls.snapshot()).runs.find(each => each.id === id)!;
    const { steps } = await calls.runMetrics(id, { step: told, epoch: 0 });
    for (const [at, step] of steps.step.entries())
      tell({ type: 'point', run: id, step, loss: steps.loss[at]! });
    told = steps.step.at(-1) ?? told;
    if (state === 'paused') tell({ type: 'failed', what: 'run', message: 'It waits for room on the disk.' });
    if (state !== 'running') break;
  }
  const old = (await calls.snapshot()).runs.find(({ name }) => name === 'earlier');
  if (old) await change(`run/${old.id}`, null, () => calls.deleteRuns([old.id]));
}

/** Leaves while a run is under way. */
async function leave({ calls }: Stage): Promise<void> {
  const id = await begin(calls);
  if (!id) return;
  const isEarly = async () => {
    const { state, step } = await calls.run(id);
    return state === 'running' && step < 4;
  };
  while (await isEarly()) await sleep(5);
}

async function begin(calls: StudioCalls): Promise<Id | undefined> {
  const document = { ...doomed(EPOCHS), dataset: 'trained' };
  const project = await tried('createProject', () => calls.createProject(document));
  const started =
    project && (await tried('startRun', () => calls.startRun({ project: project.id, name: 'doomed' })));
  if (!started) return undefined;
  tell({ type: 'acknowledged', key: `run/${started.id}`, standing: JSON.stringify(['doomed', '', []]) });
  return started.id;
}

async function tried<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    tell({ type: 'failed', what, message: (error as Error).message });
    return undefined;
  }
}

async function jobsEnd(calls: StudioCalls): Promise<void> {
  for (;;) {
    const { jobs } = await calls.snapshot();
    for (const { state, title, error } of jobs)
      if (state === 'failed') tell({ type: 'failed', what: title, message: error ?? '' });
    if (!jobs.some(({ state }) => state === 'running')) return;
    await sleep(10);
  }
}

/** What a host would say of a workspace that cannot be opened. */
function refused(error: Error): never {
  if (!isUserFault(error.name)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}

if (import.meta.main) {
  const [name, workspace, desk] = process.argv.slice(2) as [Scene, string, string];
  const studio = await openStudio({ workspace, roots: [], workers: 1, restarted: false }).catch(refused);
  const [windowEnd, studioEnd] = queueChannels();
  studio.connect(studioEnd);
  const calls: StudioCalls = connectWindow(windowEnd, { event: () => {} });
  await scenes[name]({ calls, media: studio.media, desk });
  await studio.close();
}
