/** Restores a run's project as it was trained. */
import type { Id } from '../../bridge/ids.ts';
import type { Project } from '../../bridge/projectCalls.ts';
import type { Services } from './services.ts';

/** Network, settings, seed and dataset of a run as a new project, with a sentence where the data have changed. */
export function restore(
  { workspace, projects, runs, datasets }: Services,
  id: Id,
): { project: Project; warning: string | null } {
  const { document, dataset, dataFingerprint, name } = runs.record(id);
  const present = workspace.datasets.byName(dataset);
  const project = projects.create({ ...document, name });
  if (!present) return { project, warning: `The dataset ${dataset} is not here any more.` };
  if (present.fingerprint === dataFingerprint) return { project, warning: null };
  const changed = `The dataset ${dataset} has changed since ${name} was trained on it`;
  const isKept = datasets.hasVersion(present.id, dataFingerprint);
  return {
    project,
    warning: isKept ? `${changed}. Its version of then can be brought back in Data.` : `${changed}.`,
  };
}
