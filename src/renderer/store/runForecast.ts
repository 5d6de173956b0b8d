/**
 * What a run of the open document would take, measured by the studio while somebody looks at it: a moment after the
 * last change, and only where the change matters for it.
 */
import { useEffect } from 'react';
import { create } from 'zustand';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import type { Preflight } from '../../bridge/trialCalls.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { studio } from './connection.ts';
import { useDocument } from './openDocument.ts';
import { useStudio } from './studioState.ts';

/** Milliseconds of quiet before the studio is asked. */
const QUIET_MS = 700;

interface PreflightState {
  /** Of what it is; null before the first. */
  subject: string | null;
  measured: Preflight | null;
  measuring: boolean;
  /** Why there is none. */
  error: string | null;
}

const usePreflightState = create<PreflightState>(() => ({
  subject: null,
  measured: null,
  measuring: false,
  error: null,
}));

/** Keeps the measurement up to date while the component is shown; not while `held`. */
export function usePreflight(held: boolean): PreflightState {
  const document = useDocument(state => state.document);
  const isSearching = useStudio(state => state.rateSearch?.state === 'running');
  const isHeld = held || isSearching;
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => void measure(document), QUIET_MS);
    return () => clearTimeout(timer);
  }, [document, isHeld]);
  return usePreflightState();
}

async function measure(document: ProjectDocument): Promise<void> {
  const subject = subjectOf(document);
  const { subject: known, error } = usePreflightState.getState();
  if (subject === known && error === null) return;
  usePreflightState.setState({ subject, measuring: true, error: null });
  try {
    const measured = await studio().preflight(document);
    if (usePreflightState.getState().subject === subject)
      usePreflightState.setState({ measured, measuring: false });
  } catch (thrown) {
    // What was begun later tells its own.
    if (usePreflightState.getState().subject !== subject) return;
    usePreflightState.setState({
      subject: null,
      measuring: false,
      error: thrown instanceof ConnectionClosed ? null : (thrown as Error).message,
    });
  }
}

/** What the time of a step depends on: neither where nodes lie nor how far steps go. */
function subjectOf({ graph, dataset, training }: ProjectDocument): string {
  const { batchSize, accumulate, optimizer, losses, augmentations, regularisation } = training;
  const placeless = (key: string, value: unknown) =>
    key === 'x' || key === 'y' || key === 'frames' || key === 'comments' ? undefined : value;
  return JSON.stringify(
    [graph, dataset, batchSize, accumulate, optimizer.kind, losses, augmentations, regularisation],
    placeless,
  );
}
