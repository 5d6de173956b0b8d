/**
 * Resolves a name to a value of a run: a property (`state`), a setting (`optimizer.momentum`, short `momentum`), or a
 * metric (`val.loss`; `accuracy` is the test's, or else the validation's).
 */
import type { RunSummary } from '../bridge/runCalls.ts';
import type { SettingValue, Survey } from './survey.ts';

export type Fact = SettingValue | readonly string[] | undefined;
export type FactOf = (run: RunSummary) => Fact;

/** Times are in seconds since 1970; `started` can be compared with a date. */
const own: Readonly<Record<string, FactOf>> = {
  name: run => run.name,
  project: run => run.projectName,
  dataset: run => run.dataset,
  state: run => run.state,
  tag: run => run.tags,
  notes: run => run.notes,
  sweep: run => run.sweepName ?? undefined,
  archived: run => run.archived,
  parameters: run => run.parameters,
  epoch: run => run.epoch,
  step: run => run.step,
  seconds: run => run.seconds,
  started: run => run.startedAt,
  id: run => run.id,
};

/** Other words for a name. */
const aliases: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  batch: 'batchSize',
  time: 'seconds',
  tags: 'tag',
  note: 'notes',
  run: 'name',
};

/** The splits that a metric without one is looked up in. */
const SPLITS = ['test', 'val', 'train'] as const;

export const ownFacts: readonly string[] = Object.keys(own);

/** The accessor for a name; undefined where no run has it. */
export function factNamed(name: string, { settings, metrics }: Survey): FactOf | undefined {
  const wanted = Object.hasOwn(aliases, name) ? aliases[name]! : name;
  if (Object.hasOwn(own, wanted)) return own[wanted];
  if (settings.includes(wanted)) return run => run.settings[wanted];
  if (metrics.includes(wanted)) return run => run.metrics[wanted];
  // `optimizer.kind` is kept as `optimizer`.
  const chosen = wanted.endsWith('.kind') ? wanted.slice(0, -'.kind'.length) : wanted;
  if (settings.includes(chosen)) return run => run.settings[chosen];
  const ofSplits = SPLITS.map(split => `${split}.${wanted}`).filter(each => metrics.includes(each));
  if (ofSplits.length > 0) return run => firstOf(run.metrics, ofSplits);
  const longer = settings.filter(each => each.endsWith(`.${wanted}`));
  if (longer.length > 0) return run => firstOf(run.settings, longer);
  return undefined;
}

function firstOf<T>(values: Readonly<Record<string, T>>, names: readonly string[]): T | undefined {
  for (const name of names) if (values[name] !== undefined) return values[name];
  return undefined;
}
