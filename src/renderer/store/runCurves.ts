/**
 * The curves of runs, pulled from the studio: an event says how far a run is, and what is lacking is asked for,
 * one question at a time for each run that somebody looks at. Columns grow in place; a version number tells
 * charts that they did, so that a thousand points a second cost no rendering but the charts' own.
 */
import { useEffect } from 'react';
import { create } from 'zustand';
import { entriesById, type Id } from '../../bridge/ids.ts';
import { noMetrics } from '../../bridge/noMetrics.ts';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import type { RunMetrics } from '../../bridge/runCalls.ts';
import { studio } from './connection.ts';
import { useStudio } from './studioState.ts';

interface Curves {
  readonly metrics: RunMetrics;
  /** How many views show it; it is kept up to date while there are any. */
  viewers: number;
  asking: boolean;
  /** Whether the run may have points that were not asked for yet. */
  stale: boolean;
}

/** Milliseconds between two questions about one run: charts need no more. */
const CURVE_PULL_INTERVAL_MS = 200;

/** Milliseconds in which arrivals are told together: a hundred runs that come at once are not drawn a hundred times. */
const GATHERING_MS = 100;
/** Questions at a time, so that the studio hears of others in between. */
const MOST_QUESTIONS = 4;

const curves = new Map<Id, Curves>();
const arrived = new Set<Id>();
let asked = 0;
const waiting: (() => void)[] = [];

/** Grows with every arrival, per run. */
const useVersions = create<Readonly<Record<Id, number>>>(() => ({}));

/** From now on curves that somebody looks at follow their runs. */
export function startCurves(): void {
  useStudio.subscribe((state, before) => {
    for (const [id, run] of entriesById(state.runs)) {
      const former = before.runs[id];
      if (run === former) continue;
      // Taken up again from a checkpoint: the studio forgot what came after it.
      if (former?.endedAt != null && run.endedAt === null) forget(id);
      refresh(id);
    }
    for (const [id] of entriesById(before.runs)) if (!(id in state.runs)) curves.delete(id);
  });
}

/** What is known of these runs' curves; kept up to date while the component is shown. */
export function useRunMetrics(ids: readonly Id[]): Readonly<Record<Id, RunMetrics>> {
  const key = ids.join(' ');
  useEffect(() => watch(key === '' ? [] : (key.split(' ') as Id[])), [key]);
  useVersions(versions => ids.map(id => versions[id] ?? 0).join(' '));
  return Object.fromEntries(ids.flatMap(id => (curves.has(id) ? [[id, curves.get(id)!.metrics]] : [])));
}

function watch(ids: readonly Id[]): () => void {
  for (const id of ids) {
    const known = curves.get(id) ?? { metrics: noMetrics(), viewers: 0, asking: false, stale: true };
    known.viewers++;
    curves.set(id, known);
    refresh(id);
  }
  return () => {
    for (const id of ids) {
      const known = curves.get(id);
      if (known) known.viewers--;
    }
  };
}

function refresh(id: Id): void {
  const known = curves.get(id);
  if (!known) return;
  known.stale = true;
  if (known.viewers > 0 && !known.asking) void pull(id, known);
}

function forget(id: Id): void {
  const known = curves.get(id);
  if (known) curves.set(id, { metrics: noMetrics(), viewers: known.viewers, asking: false, stale: true });
}

async function pull(id: Id, known: Curves): Promise<void> {
  known.asking = true;
  try {
    while (known.stale && known.viewers > 0) {
      known.stale = false;
      const { steps, epochs } = known.metrics;
      const after = { step: steps.step.at(-1) ?? 0, epoch: epochs.epoch.at(-1) ?? 0 };
      const more = await inTurn(() => studio().runMetrics(id, after));
      if (append(known.metrics, more)) notifyLater(id);
      await new Promise(resolve => setTimeout(resolve, CURVE_PULL_INTERVAL_MS));
    }
  } catch (error) {
    known.stale = true; // asked again with the next event, or when the studio is back
    if (!(error instanceof ConnectionClosed))
      console.error(`The curves of run ${id} could not be read.`, error);
  } finally {
    known.asking = false;
  }
}

async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  while (asked >= MOST_QUESTIONS) await new Promise<void>(resolve => waiting.push(resolve));
  asked++;
  try {
    return await ask();
  } finally {
    asked--;
    waiting.shift()?.();
  }
}

function notifyLater(id: Id): void {
  if (arrived.size === 0) setTimeout(notifyAll, GATHERING_MS);
  arrived.add(id);
}

function notifyAll(): void {
  const ids = [...arrived];
  arrived.clear();
  useVersions.setState(versions => Object.fromEntries(ids.map(id => [id, (versions[id] ?? 0) + 1])));
}

/** Whether anything came. */
function append(to: RunMetrics, more: RunMetrics): boolean {
  extend(to.steps, more.steps);
  extend(to.epochs, more.epochs);
  return more.steps.step.length > 0 || more.epochs.epoch.length > 0;
}

function extend<T extends object>(columns: T, more: T): void {
  for (const key of Object.keys(columns) as (keyof T)[]) {
    const column = columns[key] as unknown[];
    for (const value of more[key] as unknown[]) column.push(value);
  }
}
