/** A change of the project that remedies a problem: shown before it is applied, and undone in one step. */
import type { ProjectDocument, Training } from '../graph/document.ts';

export interface Remedy {
  /** What it does: `Clip gradients to a norm of 1`. */
  readonly title: string;
  /** Returns the same object where nothing changes. */
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
