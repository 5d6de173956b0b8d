/**
 * Sweeps: a project trained with every combination of a plan; with successive halving, the best of each round continue.
 */
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
  /** Null: the first free number. */
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
   * Queues the runs of a sweep.
   * @throws UserError naming an invalid setting or combination; nothing is queued then
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

  /** Called when a run has ended: at the end of a round of halving, queues the best for more epochs. */
  advance({ sweep }: RunSummary): void {
    const record = this.#workspace.sweeps.list().find(({ id }) => id === sweep);
    if (record) this.#advance(record, this.#runsOf(record));
  }

  /** An error is reported without further effect: the next start tries again. */
  #advance(record: SweepRecord, all: readonly RunSummary[]): void {
    try {
      this.#planRound(record, all);
    } catch (error) {
      const said = explained(error, this.#workspace.folder);
      if (!(said instanceof UserError)) throw said;
      warn(`${record.name} does not go on: ${said.message}`);
    }
  }

  /** Plans the rounds that a crashed process did not. A round with an interrupted run waits until that is resumed. */
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

/** What rounds are ranked by: validation accuracy, or training accuracy where there is none. */
function scoreOf({ metrics }: RunSummary): number {
  return metrics['val.accuracy'] ?? metrics['train.accuracy'] ?? Number.NaN;
}

/** @throws UserError naming the missing setting, or an invalid value */
function withCombination(document: ProjectDocument, combination: Combination): ProjectDocument {
  let changed = document;
  // Kinds first, because another kind has other parameters.
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

/** The settings of a combination that are not among the flat settings: parameters of nodes. */
function unknownTo(settings: RunSummary['settings'], combination: Combination): RunSummary['settings'] {
  const isTold = (path: string) => path in settings || path.replace(/\.kind$/, '') in settings;
  return Object.fromEntries(Object.entries(combination).filter(([path]) => !isTold(path)));
}

function firstRound(document: ProjectDocument, { halving }: SweepPlan): ProjectDocument {
  if (!halving) return document;
  return { ...document, training: { ...document.training, epochs: rounds(halving)[0]! } };
}
