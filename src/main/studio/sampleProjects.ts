/**
 * What a new workspace begins with: a dataset that the program draws, and two small networks to train on it,
 * one that makes the image smaller by pooling, one by strides. What a person deletes stays deleted.
 */
import { newDocument } from '../../engine/graph/document.ts';
import { simpleCnn } from '../../engine/zoo/simpleCnn.ts';
import { smallCnn } from '../../engine/zoo/smallCnn.ts';
import type { Workspace } from '../database/workspace.ts';
import type { Datasets } from './datasets/datasetService.ts';
import type { Projects } from './projectService.ts';

const SAMPLE_MADE = 'sample-made';

export function makeSample(workspace: Workspace, projects: Projects, datasets: Datasets): void {
  // Drawn beside all else. Where it is cancelled or fails, its job says so.
  datasets.ensureSample().catch(() => {});
  if (workspace.fact(SAMPLE_MADE)) return;
  const input = [3, 32, 32] as const;
  // All of it or nothing: cut off in between, the next start would make the projects a second time.
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
