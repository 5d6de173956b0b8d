/** A change of the project that helps against something: told before it is taken, and one step of undo. */
import type { ProjectDocument, Training } from '../graph/document.ts';

export interface Remedy {
  /** What it does: `Clip gradients to a norm of 1`. */
  readonly title: string;
  /** Gives the same object back where it changes nothing. */
  apply(document: ProjectDocument): ProjectDocument;
}

/** A remedy that changes settings alone. */
export function settingRemedy(title: string, change: (training: Training) => Partial<Training>): Remedy {
  return {
    title,
    apply: document => ({
      ...document,
      training: { ...document.training, ...change(document.training) },
    }),
  };
}
