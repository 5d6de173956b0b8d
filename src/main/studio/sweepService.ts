/** Sweeps: one project, trained with every combination of a plan; in halving, the best of each round go on. */
import { type Id, newId } from '../../bridge/ids.ts';
import type { RunSummary, SweepPlan } from '../../bridge/runCalls.ts';
import { documentSchema, type ProjectDocument } from '../../engine/graph/document.ts';
import { assign } from '../../experiments/assignment.ts';
import {
  type Combination,
  combinations,
  MOST_RUNS,
  rounds,
  runCount,
  survivors,
} from '../../experiments/sweepPlan.ts';
import type { SweepRecord } from '../database/sweepQueries.ts';
import type { Workspace } from '../database/workspace.ts';
import { explained } from '../errorSentences.ts';
import { warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { type PlannedRun, repeated } from './plannedRun.ts';
import type { Runs } from './runService.ts';
import { flatSettings } from './runSettings.ts';

interface SweepOptions {
  document: ProjectDocument;
  project: Id | null;
  /** Null: the first number that is free. */
  name: string | null;
  plan: SweepPlan;
}

export class Sweeps {
  readonly #workspace: Workspace;
  readonly #runs: Runs;

  constructor(workspace: Workspace, runs: Runs) {
    this.#workspace = workspace;
    this.#runs = runs;
  }

  /**
   * Plans the runs of a sweep, after those that wait.
   * @throws UserError naming the setting or the combination that cannot be; nothing is planned then
   */
  start({ document, project, name, plan }: SweepOptions): Id[] {
    this.#workspace.requireWrite();
    if (runCount(plan) > MOST_RUNS)
      throw new UserError(`That would be ${runCount(plan)} runs; a sweep has at most ${MOST_RUNS}.`);
    if (plan.strategy === 'halving' && !plan.halving)
      throw new UserError('Halving needs the epochs of its first round, and how many go on.');
    const id = newId();
    const called = name ?? this.#freeName();
    const chosen = combinations(plan);
    const planned = chosen.flatMap((combination, i): PlannedRun[] => {
      const changed = withCombination(document, combination);
      const settings = unknownTo(flatSettings(changed), combination);
      const trained = firstRound(changed, plan);
      const run = { document: trained, project, name: `${called} · ${i + 1}`, sweep: { id, settings } };
      return repeated(run, plan.repeats);
    });
    return this.#runs.enqueue(planned, () =>
      this.#workspace.sweeps.insert({ id, name: called, plan, createdAt: Date.now() }),
    );
  }

  /** When a run has ended, and with it the round of its halving: the best go on to the epochs of the next. */
  advance({ sweep }: RunSummary): void {
    const record = this.#workspace.sweeps.list().find(({ id }) => id === sweep);
    if (record) this.#advance(record, this.#runsOf(record));
  }

  /** What keeps the next round from being planned is said, and hinders nothing else: the next start tries again. */
  #advance(record: SweepRecord, all: readonly RunSummary[]): void {
    try {
      this.#planRound(record, all);
    } catch (error) {
      const said = explained(error, this.#workspace.folder);
      if (!(said instanceof UserError)) throw said;
      warn(`${record.name} does not go on: ${said.message}`);
    }
  }

  /**
   * Plans the rounds that a process did not get to plan before it died. A round of which a run was interrupted waits
   * until that is resumed.
   */
  goOn(): void {
    for (const record of this.#workspace.sweeps.list()) {
      const all = this.#runsOf(record);
      if (!all.some(({ state }) => state === 'crashed')) this.#advance(record, all);
    }
  }

  #runsOf({ id }: SweepRecord): RunSummary[] {
    return this.#workspace.runs.listRuns().filter(({ sweep }) => sweep === id);
  }

  #planRound({ plan: { halving } }: SweepRecord, all: readonly RunSummary[]): void {
    if (!halving || all.length === 0) return;
    if (all.some(({ state }) => state === 'queued' || state === 'running' || state === 'paused')) return;
    const reached = Math.max(...all.map(({ epochs }) => epochs));
    const next = rounds(halving).find(epochs => epochs > reached);
    const round = all.filter(({ epochs, state }) => epochs === reached && state === 'finished');
    if (next === undefined || round.length < 2) return;
    const scored = round.map(run => ({ id: run.id, score: scoreOf(run) }));
    const going = survivors(scored, halving.factor).map(({ id }) => id);
    this.#runs.extend(going, next);
  }

  #freeName(): string {
    for (let i = 1; ; i++) if (!this.#workspace.sweeps.isNameTaken(`Sweep ${i}`)) return `Sweep ${i}`;
  }
}

/** What rounds are judged by: how well the validation images were answered, else those of the training. */
function scoreOf({ metrics }: RunSummary): number {
  return metrics['val.accuracy'] ?? metrics['train.accuracy'] ?? Number.NaN;
}

/** @throws UserError naming the setting that is not there, or the value that it cannot have */
function withCombination(document: ProjectDocument, combination: Combination): ProjectDocument {
  let changed = document;
  // Another kind of optimizer brings its own parameters: kinds come first.
  const kindsFirst = Object.entries(combination).toSorted(([a], [b]) => depth(a) - depth(b));
  for (const [path, value] of kindsFirst) {
    const next = assign(changed, path, value);
    if (!next) throw new UserError(`There is no setting ${path} in this project.`);
    changed = next;
  }
  const parsed = documentSchema.safeParse(changed);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const text = Object.entries(combination).map(([path, value]) => `${path} ${value}`);
  throw new UserError(`${text.join(', ')} cannot be trained: ${issue!.path.join('.')}: ${issue!.message}.`);
}

const depth = (path: string) => (path.endsWith('.kind') ? 0 : 1);

/** What of a combination the flat settings do not tell already: parameters of nodes. */
function unknownTo(settings: RunSummary['settings'], combination: Combination): RunSummary['settings'] {
  const isTold = (path: string) => path in settings || path.replace(/\.kind$/, '') in settings;
  return Object.fromEntries(Object.entries(combination).filter(([path]) => !isTold(path)));
}

function firstRound(document: ProjectDocument, { halving }: SweepPlan): ProjectDocument {
  if (!halving) return document;
  return { ...document, training: { ...document.training, epochs: rounds(halving)[0]! } };
}
