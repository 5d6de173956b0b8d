/** What computes a run: chosen when it is planned, recorded with it, kept when it goes on. */
import type { ProjectDocument, Training } from '../../engine/graph/document.ts';
import { BackendError, type BackendName } from '../../engine/runtime/backend.ts';
import { type ChosenBackend, chooseBackend } from '../../engine/runtime/chooseBackend.ts';
import { UserError } from '../userError.ts';

/** @throws UserError where the backend that is asked for cannot be had */
export function computedBy(wish: Training['computing']['backend']): ChosenBackend {
  try {
    return chooseBackend(wish);
  } catch (error) {
    if (error instanceof BackendError) throw new UserError(error.message);
    throw error;
  }
}

/** The bits of another backend are others: a run keeps its own, wherever that is to be had. */
export function backendOf(environment: Readonly<Record<string, string>>): BackendName {
  return chooseBackend(environment.backend === 'wasm' ? 'wasm' : 'auto').name;
}

/** Threads that train a document: those that it asks for, else as many as there are for it. */
export function threadsOf({ training }: Pick<ProjectDocument, 'training'>, usual: number): number {
  return training.computing.workers || usual;
}
