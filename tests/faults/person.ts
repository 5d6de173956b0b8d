/**
 * A person at a window, who does one thing after another and remembers what was answered. Everything may be cut off
 * at any instant: a call that the connection was lost over is taken down as asked for, and the next thing begins.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatasetSummary, ImageEdit, Split } from '../../src/bridge/datasetCalls.ts';
import type { Id } from '../../src/bridge/ids.ts';
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import { formatDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { type Chance, chosen, whole } from './chance.ts';
import { CLASSES, picture } from './desk.ts';
import type { HostWindow } from './hostWindow.ts';
import { ANYTHING, type Ledger } from './ledger.ts';

/** The dataset that the runs are trained on, and one that is only edited. */
export const TRAINED = 'trained';
const EDITED = 'edited';

export interface PersonOptions {
  ledger: Ledger;
  chance: Chance;
  /** What is trained, again and again. */
  document: ProjectDocument;
  /** Folders to import. */
  folders: { edited: string; imported: string };
  /** Is told of what went wrong and should not. */
  lose(sentence: string): void;
}

export class Person {
  readonly #ledger: Ledger;
  readonly #chance: Chance;
  readonly #options: PersonOptions;
  #window!: HostWindow;
  /** Changes of this window to each project. */
  readonly #versions = new Map<Id, number>();
  readonly #projects = new Set<Id>();
  #trained: Id | undefined;
  #run: Id | undefined;
  #made = 0;
  /** Hashes of the weights of all runs that came to their end. */
  readonly hashes = new Set<string>();
  /** Fingerprints of all imports that came to their end, killed or not. */
  readonly fingerprints = new Set<string>();
  /** Runs that were found crashed and were taken up. */
  resumed = 0;
  finished = 0;
  imported = 0;
  /** Imports that went on from where they were cut off. */
  renewed = 0;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.#ledger = options.ledger;
    this.#chance = options.chance;
  }

  /** Sits down at a window, the first or that of a studio which was started again. */
  sitDown(window: HostWindow): void {
    this.#window = window;
    this.#versions.clear();
  }

  /** Does one thing after another until the connection is lost, or it is time to go. @throws what is no lost connection */
  async work(until: AbortSignal): Promise<void> {
    const streams = [() => this.#edit(), () => this.#train(), () => this.#annotate(), () => this.#data()];
    let isOpen = true;
    const leave = () => {
      isOpen = false;
    };
    void this.#window.closed.then(leave);
    until.addEventListener('abort', leave);
    const repeat = async (act: () => Promise<void>) => {
      while (isOpen) {
        try {
          await act();
        } catch (error) {
          // Refused, since the other streams change the same things; or cut off.
          if (!['UserError', 'ConnectionClosed'].includes((error as Error).name) && isOpen) throw error;
        }
        await sleep(1 + whole(this.#chance, 30));
      }
    };
    await Promise.all(streams.map(repeat));
  }

  async #edit(): Promise<void> {
    const { calls } = this.#window;
    const [id] = this.#projects.size < 2 ? [] : [chosen(this.#chance, [...this.#projects])];
    if (id === undefined || this.#chance() < 0.05) {
      const name = `Project ${++this.#made}`;
      const created = await calls.createProject({ ...this.#options.document, name });
      this.#ledger.acknowledge(`project/${created.id}`, formatDocument(created.document));
      this.#projects.add(created.id);
      return;
    }
    const key = `project/${id}`;
    if (this.#projects.size > 4 && this.#chance() < 0.1) {
      await this.#ledger.change(key, null, () => calls.deleteProject(id));
      this.#projects.delete(id);
      return;
    }
    const { document } = await calls.openProject(id);
    for (let change = 0; change < 5; change++) {
      const seed = whole(this.#chance, 1e9);
      const edited = { ...document, training: { ...document.training, seed } };
      const version = (this.#versions.get(id) ?? 0) + 1;
      this.#versions.set(id, version);
      await this.#ledger.change(key, formatDocument(edited), () => calls.updateProject(id, edited, version));
    }
  }

  /** Trains the same network again and again, from where it was; pauses and stops it at times. */
  async #train(): Promise<void> {
    const { calls } = this.#window;
    this.#trained ??= (await calls.createProject(this.#options.document)).id;
    if (this.#run === undefined) {
      const { runs } = await calls.snapshot();
      const under = runs.find(
        ({ name, state }) => name.startsWith('doomed') && !['finished', 'failed'].includes(state),
      );
      this.#run = under?.id ?? (await calls.startRun({ project: this.#trained, name: null })).id;
    }
    const run = await calls.run(this.#run);
    await this.#hearPoints(run);
    if (run.state === 'finished') {
      this.hashes.add(run.weightHash!);
      this.finished++;
      this.#run = undefined;
    } else if (run.state === 'running') {
      const act = this.#chance();
      if (act < 0.03) await calls.pauseRun(run.id);
      else if (act < 0.06) await calls.stopRun(run.id);
      await sleep(30);
    } else {
      if (run.state === 'failed') {
        this.#run = undefined;
        this.#options.lose(`the run ${run.name} failed: ${run.error}`);
        return;
      }
      if (run.state !== 'paused') this.#ledger.takenUp(run.id);
      if (run.state === 'crashed') this.resumed++;
      await calls.resumeRun(run.id);
    }
  }

  async #hearPoints({ id }: RunSummary): Promise<void> {
    const known = this.#ledger.points.get(id);
    const firm = known ? [...known].filter(([, point]) => point.firm).map(([step]) => step) : [];
    const { steps } = await this.#window.calls.runMetrics(id, { step: Math.max(0, ...firm), epoch: 0 });
    for (const [at, step] of steps.step.entries()) this.#ledger.point(id, step, steps.loss[at]!);
  }

  async #annotate(): Promise<void> {
    const { calls } = this.#window;
    const { runs } = await calls.snapshot();
    if (runs.length === 0) return;
    const run = chosen(this.#chance, runs);
    const others = runs.filter(({ state, id }) => state === 'finished' && id !== this.#run);
    if (others.length > 3 && this.#chance() < 0.1) {
      const { id } = others.at(-1)!;
      await this.#ledger.change(`run/${id}`, null, () => calls.deleteRuns([id]));
      return;
    }
    const notes = `seen ${whole(this.#chance, 1e6)}`;
    const tags = [`tag ${whole(this.#chance, 9)}`];
    const standing = JSON.stringify([run.name, notes, tags]);
    await this.#ledger.change(`run/${run.id}`, standing, () => calls.annotateRuns([run.id], { notes, tags }));
  }

  /** Imports, goes on with what was interrupted, edits, divides anew, clears, uploads, deletes. */
  async #data(): Promise<void> {
    const { calls } = this.#window;
    const { datasets } = await calls.snapshot();
    const named = (name: string) => datasets.find(each => each.name === name);
    const mine = datasets.find(({ name }) => name.startsWith('import '));
    const partial = datasets.find(({ state, renewable }) => state === 'partial' && renewable);
    if (partial) {
      this.renewed++;
      return this.#imports(await calls.renewDataset(partial.id), partial.name);
    }
    const edited = named(EDITED);
    if (!edited) return this.#imports(await this.#import(EDITED, this.#options.folders.edited), EDITED);
    const act = this.#chance();
    if (act < 0.15) return this.#clear(edited);
    if (act < 0.3 && !mine) {
      const name = `import ${++this.#made}`;
      return this.#imports(await this.#import(name, this.#options.folders.imported), name);
    }
    if (act < 0.4 && mine?.state === 'ready') return this.#delete(mine);
    const uploaded = datasets.filter(({ renewable }) => !renewable);
    if (act < 0.5) return uploaded.length < 2 ? this.#upload() : this.#delete(uploaded.at(-1)!);
    return this.#editImages(edited);
  }

  #import(name: string, path: string): Promise<Id> {
    return this.#window.calls.importDataset({ path, name });
  }

  /** Waits for an import's end. */
  async #imports(id: Id, name: string): Promise<void> {
    const { calls } = this.#window;
    for (;;) {
      const { jobs } = await calls.snapshot();
      const job = jobs.find(each => each.id === id);
      if (job && job.state !== 'running') {
        if (job.state !== 'done') throw new Error(`The import of ${name} failed: ${job.error}`);
        break;
      }
      await sleep(20);
    }
    this.#ledger.acknowledge(`dataset/${id}`, name);
    if (!name.startsWith('import ')) return;
    this.imported++;
    const { classCounts, mean, versions } = await calls.dataset(id);
    this.fingerprints.add(JSON.stringify([classCounts, mean, versions[0]!.count]));
  }

  async #delete({ id }: DatasetSummary): Promise<void> {
    await this.#ledger.change(`dataset/${id}`, null, () => this.#window.calls.deleteDataset(id));
  }

  async #clear({ id }: DatasetSummary): Promise<void> {
    await this.#window.calls.clearCache(id);
    await this.#looksAt(id);
  }

  /** Whether its images can be seen: a cache that was cleared is filled again. */
  async #looksAt(id: Id): Promise<void> {
    const { closed, request } = this.#window;
    let isOpen = true;
    void closed.then(() => {
      isOpen = false;
    });
    const status = await request('GET', `/media/datasets/${id}/images/0.png`).catch(() => 503);
    // A connection that breaks is heard of a moment later.
    if (status !== 200) await Promise.race([closed, sleep(1000)]);
    if (status !== 200 && isOpen) throw new Error(`Image 0 of the dataset ${id} is answered with ${status}.`);
  }

  async #upload(): Promise<void> {
    const { calls, request } = this.#window;
    const name = `upload ${++this.#made}`;
    const upload = await calls.beginUpload(name);
    for (let at = 0; at < 6; at++) {
      const bytes = new Uint8Array(await picture(1000 * this.#made + at));
      await request('PUT', `/upload/${upload}/${CLASSES[at % 2]}/${at}.png`, bytes).catch(() => 503);
    }
    if (this.#chance() < 0.3) return calls.cancelUpload(upload);
    await this.#imports(await calls.finishUpload(upload), name);
  }

  async #editImages({ id }: DatasetSummary): Promise<void> {
    const { calls } = this.#window;
    const key = `images/${id}`;
    if (this.#chance() < 0.2) {
      const rule = { by: 'ratio', val: 0.2, test: 0.2, seed: whole(this.#chance, 100) } as const;
      await this.#ledger.change(key, ANYTHING, () => calls.splitDataset(id, rule));
      return this.#looksThrough(id);
    }
    if (this.#ledger.acknowledged(key) === undefined || this.#ledger.acknowledged(key) === ANYTHING)
      return this.#looksThrough(id);
    const places: (Split | null)[] = ['train', 'val', 'test', null];
    const edits: ImageEdit[] = Array.from({ length: 1 + whole(this.#chance, 4) }, (_, at) => ({
      index: at * 5 + whole(this.#chance, 5),
      label: whole(this.#chance, CLASSES.length),
      split: chosen(this.#chance, places),
    }));
    const standing = edited(this.#ledger.acknowledged(key)!, edits);
    await this.#ledger.change(key, standing, () => calls.editImages(id, edits));
  }

  /** Takes down how all images of a dataset stand. */
  async #looksThrough(id: Id): Promise<void> {
    const all = { label: null, offset: 0, limit: 1000 };
    const used = await this.#window.calls.datasetImages(id, { split: null, ...all });
    const left = await this.#window.calls.datasetImages(id, { split: 'none', ...all });
    const images = [...used.images, ...left.images].sort((a, b) => a.index - b.index);
    const standing = images.map(({ index, label, split }) => `${index}:${label}:${split ?? 'none'}`).join();
    this.#ledger.acknowledge(`images/${id}`, standing);
  }
}

/** How images stand after an edit. */
function edited(standing: string, edits: readonly ImageEdit[]): string {
  const images = standing.split(',');
  for (const { index, label, split } of edits) images[index] = `${index}:${label}:${split ?? 'none'}`;
  return images.join();
}
