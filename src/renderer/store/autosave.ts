/**
 * Sends each change of the open document to the studio: soon after it was made, one at a time, the latest last.
 * What could not be delivered, because the studio was gone, is sent when it is back.
 */
import { create } from 'zustand';
import { DISK_FAULT } from '../../bridge/faults.ts';
import type { Id } from '../../bridge/ids.ts';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { studio } from './connection.ts';
import { forgetUnsent, keepUnsent, unsent } from './journal.ts';
import { useDocument } from './openDocument.ts';
import { useStudio } from './studioState.ts';

/** Milliseconds between the last change and its sending. */
const SAVE_DELAY_MS = 150;
/** Milliseconds until what the disk refused is sent again. What is refused otherwise is so until it is changed. */
const RESEND_MS = 5000;

interface AutosaveState {
  /** Whether changes wait to be kept. */
  pending: boolean;
  /** Why the last one was not kept. */
  error: string | null;
}

export const useAutosave = create<AutosaveState>(() => ({ pending: false, error: null }));

let waiting: { project: Id; document: ProjectDocument } | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let delivery: Promise<void> | undefined;
let lastVersion = 0;

/** From now on each change of the open document is sent. */
export function startAutosave(): void {
  useDocument.subscribe((state, before) => {
    if (state.project === null || state.project !== before.project) return;
    if (state.document === before.document) return;
    waiting = { project: state.project, document: state.document };
    keepUnsent(state.project, state.document);
    useAutosave.setState({ pending: true });
    sendAfter(SAVE_DELAY_MS);
  });
}

function sendAfter(milliseconds: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => flush().catch(() => undefined), milliseconds); // why it failed stands in the state
}

/** Delivers what waits, now. Resolves when the studio has it; rejects with why it has not. */
export async function flush(): Promise<void> {
  clearTimeout(timer);
  while (delivery) await delivery.catch(() => undefined);
  if (!waiting) return;
  delivery = deliver(waiting);
  try {
    await delivery;
  } finally {
    delivery = undefined;
  }
}

/**
 * Sends what a window before this one was not able to send any more. What is refused stays in the journal.
 * @throws Error why the first of them was refused, when all were sent
 */
export async function recoverUnsent(): Promise<void> {
  const refusals: unknown[] = [];
  for (const { project, document } of unsent()) {
    try {
      if (project in useStudio.getState().projects)
        await studio().updateProject(project, document, Date.now());
      forgetUnsent(project);
    } catch (error) {
      refusals.push(error);
    }
  }
  if (refusals.length > 0) throw refusals[0];
}

async function deliver(change: NonNullable<typeof waiting>): Promise<void> {
  // The clock orders the changes of several windows too, and of this one before a restart.
  lastVersion = Math.max(lastVersion + 1, Date.now());
  try {
    await studio().updateProject(change.project, change.document, lastVersion);
    if (waiting === change) {
      waiting = undefined;
      forgetUnsent(change.project);
    }
    useAutosave.setState({ pending: waiting !== undefined, error: null });
  } catch (error) {
    if (!(error instanceof ConnectionClosed)) {
      useAutosave.setState({ error: (error as Error).message });
      if ((error as Error).name === DISK_FAULT) sendAfter(RESEND_MS);
    }
    throw error;
  }
}
