/** The least that a project can begin with: an Input for its images. */
import type { Graph } from '../../engine/graph/document.ts';
import type { ImageShape } from '../../engine/layers/fields.ts';
import { chain } from '../../engine/zoo/zoo.ts';

export function inputGraph(shape: ImageShape): Graph {
  return chain([['Input', 'input', { shape }]]);
}
