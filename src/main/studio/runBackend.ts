/** The backend of a run: chosen when it is planned, recorded, and kept when it is resumed. */
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

/** Backends differ in rounding, so that a run keeps its own where it is available. */
export function backendOf(environment: Readonly<Record<string, string>>): BackendName {
  return chooseBackend(environment.backend === 'wasm' ? 'wasm' : 'auto').name;
}

/** The number of training threads: the document's, or else `usual`. */
export function threadsOf({ training }: Pick<ProjectDocument, 'training'>, usual: number): number {
  return training.computing.workers || usual;
}
