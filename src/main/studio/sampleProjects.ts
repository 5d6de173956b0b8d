/**
 * The contents of a new workspace: a generated dataset and two small networks, one with pooling, one with strides. They
 * are not created again after being deleted.
 */
import { newDocument } from '../../engine/graph/document.ts';
import { simpleCnn } from '../../engine/zoo/simpleCnn.ts';
import { smallCnn } from '../../engine/zoo/smallCnn.ts';
import type { Workspace } from '../database/workspace.ts';
import type { Datasets } from './datasets/datasetService.ts';
import type { Projects } from './projectService.ts';

const SAMPLE_MADE = 'sample-made';

export function makeSample(workspace: Workspace, projects: Projects, datasets: Datasets): void {
  // In the background; its job reports cancellation and errors.
  datasets.ensureSample().catch(() => {});
  if (workspace.fact(SAMPLE_MADE)) return;
  const input = [3, 32, 32] as const;
  // In one transaction, so that an interrupted start does not create the projects twice.
  workspace.transaction(() => {
    for (const [name, model] of [
      ['Shapes with strides', simpleCnn],
      ['Shapes with pooling', smallCnn],
    ] as const) {
      projects.create({ ...newDocument(name, model.build(input, 10)), dataset: 'shapes' });
    }
    workspace.setFact(SAMPLE_MADE, 'yes');
  });
}
