/**
 * Kills the studio, the host, the command line and imports at instants that a seed chooses, and looks after each kill
 * whether all is there that was acknowledged. One workspace goes through all of it.
 */
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { formatDocument } from '../../src/engine/graph/document.ts';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { startWebHostProcess, studioPid, type WebHostProcess, webHostEntries } from '../webHostProcess.ts';
import { type Chance, chanceOf, whole } from './chance.ts';
import { command, hear, type Kill, type Said } from './commandLine.ts';
import { doomed, putDigits, putPictures } from './desk.ts';
import { type HostWindow, openWindow } from './hostWindow.ts';
import { Ledger } from './ledger.ts';
import { Person, TRAINED } from './person.ts';
import { verify } from './verify.ts';

export type Target = 'studio' | 'host' | 'command line' | 'import';

export interface KillingOptions {
  kills: number;
  seed: number;
  /** Is told of each kill. */
  say?: (sentence: string) => void;
}

export interface KillingFigures {
  kills: Record<Target, number>;
  /** Answers, steps and lines that were taken down. */
  acknowledged: number;
  checked: number;
  /** What was not as it was acknowledged, a sentence each. */
  lost: string[];
  /** Runs that were killed, resumed and came to their end, and the hashes of their weights: one, if all is well. */
  finished: number;
  hashes: string[];
  /** Imports that were killed, gone on with and came to their end, and what they came to. */
  imported: number;
  /** Of those, how many went on from rows that were there. */
  renewed: number;
  fingerprints: string[];
}

/** Of ten kills, how many are of whom. */
const SHARES: Record<Target, number> = { studio: 0.3, host: 0.2, 'command line': 0.3, import: 0.2 };
/** Epochs of a run, steps of an epoch that the command line keeps a checkpoint of. */
const [EPOCHS, CHECKPOINT_STEPS] = [20, 2];

export async function killing({ kills, seed, say = () => {} }: KillingOptions): Promise<KillingFigures> {
  const desk = realpathSync(mkdtempSync(join(tmpdir(), 'receptive-kills-')));
  const scene = new Scene(desk, chanceOf(seed), say);
  try {
    await scene.prepare();
    // In rounds, so that each target meets what the others left.
    const rounds = Math.max(1, Math.round(kills / 40));
    for (let round = 1; round <= rounds; round++) {
      const share = (target: Target) =>
        Math.round((kills * SHARES[target] * round) / rounds) -
        Math.round((kills * SHARES[target] * (round - 1)) / rounds);
      await scene.killCommands(share('command line'));
      await scene.killImports(share('import'));
      await scene.killHosts(share('studio'), share('host'));
    }
    return scene.figures();
  } finally {
    await scene.close();
    rmSync(desk, { recursive: true, force: true });
  }
}

class Scene {
  readonly #desk: string;
  readonly #workspace: string;
  readonly #chance: Chance;
  readonly #say: (sentence: string) => void;
  readonly #ledger = new Ledger();
  readonly #kills: Record<Target, number> = { studio: 0, host: 0, 'command line': 0, import: 0 };
  readonly #lost: string[] = [];
  readonly #hashes = new Set<string>();
  readonly #fingerprints = new Set<string>();
  readonly #person: Person;
  #checked = 0;
  #finished = 0;
  #imported = 0;
  /** What runs of the command line and imports are named by. */
  #names = 0;
  #host: WebHostProcess | undefined;
  /** How long, in milliseconds, an import took last: the machine may be busy. */
  #lasting = 0;

  constructor(desk: string, chance: Chance, say: (sentence: string) => void) {
    this.#desk = desk;
    this.#workspace = join(desk, 'workspace');
    this.#chance = chance;
    this.#say = say;
    this.#person = new Person({
      ledger: this.#ledger,
      chance,
      document: { ...doomed(EPOCHS), dataset: TRAINED! },
      lose: sentence => this.#lose(sentence),
      folders: { edited: this.#at('few'), imported: this.#at('many') },
    });
  }

  /** The data, and what comes of a run and of an import that nobody kills. */
  async prepare(): Promise<void> {
    const workspace = openWorkspace(this.#workspace, { mode: 'write' });
    // No time for the sample, which other tests are about.
    for (const fact of ['sample-made', 'sample dataset']) workspace.setFact(fact, 'yes');
    workspace.close();
    await putPictures(this.#at('few'), 60);
    putDigits(this.#at('many'), 6000);
    writeFileSync(this.#at('net.json'), formatDocument({ ...doomed(EPOCHS), dataset: TRAINED! }));
    await this.#command(['import', this.#at('few'), '--name', TRAINED!]);
    const began = performance.now();
    this.#fingerprints.add(detailOf(await this.#command(['import', this.#at('many'), '--name', 'whole'])));
    this.#lasting = performance.now() - began;
    for (const workers of ['1', '2']) {
      const hash = hear(this.#ledger, await this.#command(this.#training(`whole ${workers}`, workers)));
      this.#hashes.add(hash ?? 'a run that nobody killed did not end');
    }
  }

  figures(): KillingFigures {
    return {
      kills: this.#kills,
      acknowledged: this.#ledger.count,
      checked: this.#checked,
      lost: this.#lost,
      finished: this.#finished + this.#person.finished,
      hashes: [...new Set([...this.#hashes, ...this.#person.hashes])],
      imported: this.#imported + this.#person.imported,
      renewed: this.#person.renewed,
      fingerprints: [...new Set([...this.#fingerprints, ...this.#person.fingerprints])],
    };
  }

  async close(): Promise<void> {
    await this.#host?.stop();
  }

  /** Runs of one and of two workers, each killed and resumed until it ends. */
  async killCommands(kills: number): Promise<void> {
    for (let killed = 0; killed < kills; ) {
      const name = `killed ${++this.#names}`;
      const workers = String(1 + (this.#names % 2));
      let run: string | undefined;
      for (let isOver = false; !isOver; ) {
        const args =
          run === undefined ? this.#training(name, workers) : ['resume', run, '--workers', workers];
        if (run !== undefined) this.#ledger.takenUp(run);
        const said = await this.#command(args, killed < kills ? this.#instant() : undefined);
        run ??= said.lines.find(({ event }) => event === 'start')?.run;
        // One that was killed after its end and before it said so has nothing to resume.
        const hash = hear(this.#ledger, said) ?? (run && hashOf(this.#workspace, run));
        isOver = said.code !== null;
        if (!isOver) {
          killed++;
          this.#verify('command line', `${args[0]} ${name}`);
        } else if (hash === undefined) {
          this.#lose(`${args[0]} ${name}: ${said.stderr}${said.lines.at(-1)?.error ?? ''}`);
        } else {
          this.#hashes.add(hash);
          this.#finished++;
        }
      }
    }
  }

  /** Imports that the command line begins and a studio goes on with. */
  async killImports(kills: number): Promise<void> {
    for (let killed = 0; killed < kills; ) {
      const name = `import ${++this.#names}`;
      const args = ['import', this.#at('many'), '--name', name];
      const began = performance.now();
      const said = await this.#command(args, this.#instantOf(name));
      if (said.code === 0) this.#lasting = performance.now() - began;
      if (said.code === null) {
        killed++;
        this.#verify('import', name);
      } else if (said.code === 0) {
        this.#ledger.acknowledge(`dataset/${said.lines[0]!.id}`, name);
        this.#fingerprints.add(detailOf(said));
        this.#imported++;
      } else throw new Error(`${args.join(' ')}: ${said.stderr}`);
    }
  }

  /** A person works in a window, while the studio or the host is killed. */
  async killHosts(studios: number, hosts: number): Promise<void> {
    const targets: Target[] = [...Array(studios).fill('studio'), ...Array(hosts).fill('host')];
    while (targets.length > 0) {
      const [target] = targets.splice(whole(this.#chance, targets.length), 1) as [Target];
      const window = await this.#open();
      this.#person.sitDown(window);
      const working = this.#person.work(AbortSignal.timeout(300_000));
      working.catch(() => {});
      await this.#someWork(window);
      const studio = studioPid(this.#workspace);
      if (target === 'studio') process.kill(studio, 'SIGKILL');
      else {
        const host = this.#host!.process;
        host.kill('SIGKILL');
        // A system that ends both, or a studio that has to notice by itself.
        if (this.#chance() < 0.5) kill(studio);
        else await gone(studio);
        this.#host = undefined;
      }
      await window.closed;
      await working.catch(error => this.#lose(`while the ${target} was killed: ${error.message}`));
      this.#verify(target, `process ${studio}`);
    }
    await this.#finish();
  }

  /** Waits until so much was acknowledged as chance wants, and a moment more. */
  async #someWork({ closed }: HostWindow): Promise<void> {
    const enough = this.#ledger.count + whole(this.#chance, 60);
    let isOpen = true;
    void closed.then(() => {
      isOpen = false;
    });
    for (let waited = 0; isOpen && this.#ledger.count < enough && waited < 30_000; waited += 5)
      await sleep(5);
    await sleep(whole(this.#chance, 40));
  }

  /** When a command that trains is to be killed: while it begins, or after so many lines. */
  #instant(): Kill {
    if (this.#chance() < 0.2) return { ms: this.#chance() * this.#lasting };
    return { ms: whole(this.#chance, 30), lines: 1 + whole(this.#chance, 50) };
  }

  /** When an import is to be killed: at any time, or once it has rows from which it can go on. */
  #instantOf(name: string): Kill {
    if (this.#chance() < 0.4) return { ms: this.#chance() * this.#lasting };
    return { ms: whole(this.#chance, 40), when: () => hasImages(this.#workspace, name) };
  }

  /** Goes on without a kill until what was begun is done. */
  async #finish(): Promise<void> {
    const window = await this.#open();
    this.#person.sitDown(window);
    const leaving = new AbortController();
    const working = this.#person.work(leaving.signal);
    const { finished } = this.#person;
    const deadline = Date.now() + 300_000;
    const isDone = async () => {
      const { datasets } = await window.calls.snapshot();
      if (this.#person.finished === finished || datasets.some(({ state }) => state !== 'ready')) return false;
      for (const { id, name } of datasets)
        if (name.startsWith('import '))
          await this.#ledger.change(`dataset/${id}`, null, () => window.calls.deleteDataset(id));
      return true;
    };
    while (!(await isDone())) {
      if (Date.now() > deadline) {
        this.#lose('what was begun came to no end within five minutes');
        break;
      }
      await sleep(50);
    }
    leaving.abort();
    await working.catch(error => this.#lose(`at the end: ${error.message}`));
    const host = this.#host;
    this.#host = undefined;
    await host!.stop();
    this.#look('the end');
  }

  async #open(): Promise<HostWindow> {
    const args = ['--root', this.#desk, '--workers', '2'];
    this.#host ??= await startWebHostProcess(this.#workspace, args, webHostEntries.source);
    const window = await openWindow(this.#host.address);
    // The studio answers once it has recovered what was cut off.
    await window.calls.snapshot();
    return window;
  }

  #verify(target: Target, what: string): void {
    this.#kills[target]++;
    this.#look(`kill ${Object.values(this.#kills).reduce((sum, each) => sum + each)} (${target}, ${what})`);
  }

  #look(when: string): void {
    const { checked, lost } = verify(this.#workspace, this.#ledger);
    this.#checked += checked;
    this.#say(`${when}: ${checked} checked`);
    for (const sentence of lost) this.#lose(sentence);
  }

  /** What is lost is told once: it stays lost. */
  #lose(sentence: string): void {
    if (this.#lost.includes(sentence)) return;
    this.#lost.push(sentence);
    this.#say(`  LOST ${sentence}`);
  }

  #command(args: readonly string[], kill?: Kill): Promise<Said> {
    return command([...args, '--workspace', this.#workspace], kill ? { kill } : {});
  }

  #training(name: string, workers: string): string[] {
    return [
      'train',
      this.#at('net.json'),
      '--name',
      name,
      '--workers',
      workers,
      '--checkpoint-steps',
      `${CHECKPOINT_STEPS}`,
    ];
  }

  #at(name: string): string {
    return join(this.#desk, name);
  }
}

/** What an import came to: counts, mean, images. */
function detailOf({ lines, stderr }: { lines: object[]; stderr: string }): string {
  const [detail] = lines as { classCounts: object; mean: number[]; count: number }[];
  if (!detail) throw new Error(`An import that nobody killed did not end: ${stderr}`);
  return JSON.stringify([detail.classCounts, detail.mean, detail.count]);
}

/** The hash of the weights of a run that is finished. */
function hashOf(workspace: string, run: string): string | undefined {
  const db = new Sqlite(join(workspace, 'receptive.sqlite'), { readonly: true });
  const hash = db
    .prepare<[string], string>("SELECT weight_hash FROM runs WHERE id = ? AND state = 'finished'")
    .pluck()
    .get(run);
  db.close();
  return hash;
}

/** Whether an import has written rows. */
function hasImages(workspace: string, dataset: string): boolean {
  const db = new Sqlite(join(workspace, 'receptive.sqlite'), { readonly: true });
  const rows = db
    .prepare<[string], number>(
      'SELECT count(*) FROM images JOIN datasets ON dataset = id WHERE name = ? AND idx = 0',
    )
    .pluck()
    .get(dataset);
  db.close();
  return rows === 1;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}

/** Waits until a process has ended. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
      // Nobody waits for it: it stays a name until its parent's parent does.
      if (/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    } catch {
      return;
    }
    await sleep(20);
  }
}
