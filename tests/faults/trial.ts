/**
 * One trial: a workspace, something that is done in it, a call to the file system that goes wrong on the way, and then
 * a normal start, which has to find all that was acknowledged and go on with what was cut off.
 */

import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { StudioCalls } from '../../src/bridge/contract.ts';
import { isUserFault } from '../../src/bridge/faults.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import { formatDocument } from '../../src/engine/graph/document.ts';
import { migrate } from '../../src/main/database/migrate.ts';
import { ProjectQueries } from '../../src/main/database/projectQueries.ts';
import { MIGRATIONS } from '../../src/main/database/schema.ts';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { openStudio } from '../../src/main/studio/studio.ts';
import { EPOCHS, type Scene, type Told } from './actor.ts';
import { environment, type Fault, type Happened, happened } from './callFault.ts';
import { command, hear } from './commandLine.ts';
import { doomed, putDigits, putPictures } from './desk.ts';
import { Ledger, type Standing } from './ledger.ts';
import { leftovers, standingOf, verify } from './verify.ts';

/** What is done: by the command line, or by a studio (actor.ts). */
export type Deed = 'train' | 'import' | Exclude<Scene, 'opening'> | 'first start' | 'migrate' | 'purge';

export interface Trial {
  happened: Happened;
  /** What was acknowledged and is not there, or cannot be gone on with. */
  lost: string[];
  /** What a person was told that is no sentence, and ends that were no answer. */
  unclear: string[];
  /** Files that a start should have swept. */
  left: string[];
  /** Answers, steps and lines that were taken down. */
  acknowledged: number;
}

const OLD_PROJECT = '0123456789abcdef' as Id;

/** Where trials take place: a folder with what they begin with. */
export class Ground {
  readonly folder: string;
  /** The weights of the run that nobody disturbs. */
  #hash: string | undefined;
  #trials = 0;

  /** @param folder made and removed by the caller, who has put the library of faults there */
  constructor(folder: string) {
    this.folder = folder;
  }

  async prepare(): Promise<void> {
    await putPictures(this.#at('few'), 60);
    putDigits(this.#at('digits'), 6000);
    writeFileSync(this.#at('net.json'), formatDocument({ ...doomed(EPOCHS), dataset: 'trained' }));
    mkdirSync(this.#at('nothing'));
    this.#makeOld();
    const seeded = this.#at('seeded');
    const workspace = openWorkspace(seeded, { mode: 'write' });
    for (const fact of ['sample-made', 'sample dataset']) workspace.setFact(fact, 'yes');
    workspace.close();
    await command(['import', this.#at('few'), '--name', 'trained', '--workspace', seeded]);
    const said = await command(this.#training(seeded, 'earlier'));
    this.#hash = hear(new Ledger(), said);
    if (!this.#hash) throw new Error(`A run that nobody disturbed did not end: ${said.stderr}`);
    // One more, in the bin.
    cpSync(seeded, this.#at('binned'), { recursive: true });
    const again = openWorkspace(this.#at('binned'), { mode: 'write' });
    for (const { id } of again.runs.listRuns()) again.runs.setDeleted(id, Date.now());
    again.close();
  }

  /** Does something with a fault on the way, and starts normally after it. */
  async trial(deed: Deed, fault: Omit<Fault, 'below'>): Promise<Trial> {
    const workspace = this.#at(`trial ${++this.#trials}`);
    const from = { 'first start': 'nothing', migrate: 'old', purge: 'binned' }[deed as string] ?? 'seeded';
    cpSync(this.#at(from), workspace, { recursive: true });
    const ledger = this.#ledgerOf(workspace);
    if (deed === 'migrate') ledger.acknowledge(`project/${OLD_PROJECT}`, formatDocument(doomed(EPOCHS)));
    const state = this.#at('state');
    const env = environment(this.folder, state, { ...fault, below: workspace });
    const trial: Trial = { happened: happened(state), lost: [], unclear: [], left: [], acknowledged: 0 };
    const isKilled = ['kill', 'after', 'tear'].includes(fault.act);
    const ended = deed === 'train' || deed === 'import' ? this.#commands : this.#acts;
    const { code, stderr } = await ended.call(this, deed, workspace, env, ledger, trial);
    trial.happened = happened(state);
    const isDone = isKilled && trial.happened.what !== '' ? code === null : code === 0;
    if (!isDone && (isKilled || code === null || !isSentence(stderr)))
      trial.unclear.push(`it ended with ${code}: ${firstLines(stderr)}`);
    trial.acknowledged = ledger.count;
    trial.lost.push(...verify(workspace, ledger).lost);
    await this.#startNormally(deed, workspace, ledger, trial);
    rmSync(workspace, { recursive: true, force: true });
    return trial;
  }

  async #commands(deed: Deed, workspace: string, env: Record<string, string>, ledger: Ledger, trial: Trial) {
    const args =
      deed === 'train'
        ? this.#training(workspace, 'doomed')
        : ['import', this.#at('digits'), '--name', 'mine', '--workspace', workspace];
    const said = await command(args, { env });
    if (deed === 'train') {
      hear(ledger, said);
      const run = said.lines.find(({ event }) => event === 'start')?.run;
      if (run) ledger.acknowledge(`run/${run}`, JSON.stringify(['doomed', '', []]));
      const error = said.lines.find(({ event }) => event === 'end')?.error;
      if (error && !isSentence(error)) trial.unclear.push(`the run says: ${error}`);
    } else if (said.code === 0) ledger.acknowledge(`dataset/${said.lines[0]!.id}`, 'mine');
    return said;
  }

  async #acts(deed: Deed, workspace: string, env: Record<string, string>, ledger: Ledger, trial: Trial) {
    const scene = ['first start', 'migrate', 'purge'].includes(deed) ? 'opening' : deed;
    const args = [join(import.meta.dirname, 'actor.ts'), scene, workspace, this.folder];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const patience = setTimeout(() => child.kill('SIGKILL'), 300_000);
    const closed = new Promise<number | null>(resolve => child.on('close', resolve));
    let stderr = '';
    child.stderr.on('data', text => {
      stderr += text;
    });
    const open = new Map<string, Standing>();
    for await (const text of createInterface(child.stdout)) {
      const told = JSON.parse(text) as Told;
      if ('message' in told) {
        // A refusal changes nothing; what broke on the way may have been done or not.
        if (told.type === 'refused' && isUserFault(told.name)) open.delete(told.key);
        if (!isSentence(told.message)) trial.unclear.push(`it says: ${told.message}`);
      } else if (told.type === 'point') ledger.point(told.run, told.step, told.loss);
      else if (told.type === 'asked') open.set(told.key, told.standing);
      else {
        open.delete(told.key);
        ledger.acknowledge(told.key, told.standing);
      }
    }
    const code = await closed;
    clearTimeout(patience);
    for (const [key, standing] of open) ledger.ask(key, standing);
    return { code, stderr };
  }

  /** A studio in this process, without faults: it finds what was acknowledged, and goes on with what was cut off. */
  async #startNormally(deed: Deed, workspace: string, ledger: Ledger, trial: Trial): Promise<void> {
    const lose = (what: string) => trial.lost.push(what);
    const studio = await openStudio({ workspace, roots: [], workers: 1, restarted: false }).catch(
      error => void lose(`it does not start: ${error.message}`),
    );
    if (!studio) return;
    try {
      const [windowEnd, studioEnd] = queueChannels();
      studio.connect(studioEnd);
      const calls: StudioCalls = connectWindow(windowEnd, { event: () => {} });
      await ended(calls);
      for (const { id, state, name } of (await calls.snapshot()).datasets) {
        if (state !== 'ready') await calls.renewDataset(id);
        await ended(calls);
        const path = `/media/datasets/${id}/images/0.png`;
        const { status, body } = await studio.media.answer(path);
        if (status !== 200) lose(`the images of ${name} cannot be seen: ${Buffer.from(body)}`);
      }
      for (const { id, name } of (await calls.snapshot()).runs.filter(({ state }) => state !== 'finished')) {
        ledger.takenUp(id);
        await calls.resumeRun(id);
        let run = await calls.run(id);
        for (; run.state === 'running'; run = await calls.run(id)) await sleep(10);
        if (run.weightHash !== this.#hash)
          lose(`the run ${name} was resumed and is ${run.state}: ${run.error ?? 'with other weights'}`);
      }
      const { projects, datasets } = await calls.snapshot();
      if (deed === 'first start' && (projects.length !== 2 || datasets[0]?.count !== 3000))
        lose(`it begins with ${projects.length} projects and ${datasets[0]?.count ?? 0} images`);
      trial.left.push(...leftovers(workspace));
    } catch (error) {
      lose((error as Error).message);
    } finally {
      await studio.close();
    }
    trial.lost.push(...verify(workspace, ledger).lost);
  }

  /** What was there before is promised too. */
  #ledgerOf(workspace: string): Ledger {
    const ledger = new Ledger();
    const db = openedOf(workspace);
    if (!db) return ledger;
    for (const [table, kind] of [
      ['projects', 'project'],
      ['datasets', 'dataset'],
      ['runs', 'run'],
    ])
      for (const id of db.prepare<[], string>(`SELECT id FROM ${table}`).pluck().all())
        ledger.acknowledge(`${kind}/${id}`, standingOf(db, `${kind}/${id}`));
    db.close();
    verify(workspace, ledger);
    return ledger;
  }

  /** A workspace of the first version of the schema, with one project. */
  #makeOld(): void {
    const file = join(this.#at('old'), 'receptive.sqlite');
    mkdirSync(this.#at('old'));
    const db = new Sqlite(file);
    db.pragma('journal_mode = WAL');
    migrate(db, file, MIGRATIONS.slice(0, 1));
    new ProjectQueries(db).insert(OLD_PROJECT, 'old', formatDocument(doomed(EPOCHS)), 1);
    for (const fact of ['sample-made', 'sample dataset'])
      db.prepare('INSERT INTO facts VALUES (?, ?)').run(fact, 'yes');
    db.close();
  }

  #training(workspace: string, name: string): string[] {
    const options = ['--workers', '1', '--checkpoint-steps', '2', '--workspace', workspace];
    return ['train', this.#at('net.json'), '--name', name, ...options];
  }

  #at(name: string): string {
    return join(this.folder, name);
  }
}

/** The database of a workspace whose schema is the present one, to read. */
function openedOf(workspace: string): Sqlite.Database | undefined {
  try {
    const db = new Sqlite(join(workspace, 'receptive.sqlite'), { readonly: true });
    if (db.pragma('user_version', { simple: true }) === MIGRATIONS.length) return db;
    db.close();
  } catch {
    // There is none yet.
  }
  return undefined;
}

/** Waits until no job is under way. */
async function ended(calls: StudioCalls): Promise<void> {
  while ((await calls.snapshot()).jobs.some(({ state }) => state === 'running')) await sleep(10);
}

/** Whether a person can make something of it: no error as the system or SQLite words it, no stack. */
function isSentence(text: string): boolean {
  const raw = /\bE[A-Z]+: |SQLITE_|SqliteError|TypeError|database or disk is full|\n\s+at /;
  return /[.!?]\s*$/.test(text) && !raw.test(text);
}

function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 6).join(' ⏎ ').slice(0, 400);
}
