/** A run's project, as it was when it was trained. */
import type { Id, Project } from '../../bridge/contract.ts';
import type { Services } from './services.ts';

/** Network, settings, seed and dataset of a run as a new project, with a sentence where the data changed since. */
export function restore(
  { workspace, projects, runs }: Services,
  id: Id,
): { project: Project; warning: string | null } {
  const { document, dataset, dataFingerprint, name } = runs.record(id);
  const present = workspace.datasets.byName(dataset);
  const project = projects.create({ ...document, name });
  if (!present) return { project, warning: `The dataset ${dataset} is not here any more.` };
  const isSame = present.fingerprint === dataFingerprint;
  return {
    project,
    warning: isSame ? null : `The dataset ${dataset} has changed since ${name} was trained on it.`,
  };
}
