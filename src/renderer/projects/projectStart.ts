/** What a new project starts from: nothing, a network of the zoo, or a pretrained one of which the last layer learns. */
import { newDocument, type ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { type Pretrained, pretrainedWeights } from '../../engine/graph/pretrained.ts';
import { fromPretrained, refusesTransfer } from '../../engine/zoo/fromPretrained.ts';
import type { ZooModel } from '../../engine/zoo/zoo.ts';
import { type Images, startOf } from '../graphView/zooStarts.ts';
import { inputGraph } from './inputGraph.ts';

export type ProjectStart =
  | { readonly kind: 'empty' }
  | { readonly kind: 'zoo'; readonly model: ZooModel }
  | { readonly kind: 'pretrained'; readonly weights: Pretrained };

export const EMPTY_START: ProjectStart = { kind: 'empty' };

export const titleOf = (start: ProjectStart): string =>
  start.kind === 'empty' ? 'untitled' : start.kind === 'zoo' ? start.model.title : start.weights.title;

/** Why a project cannot start so on these images, in one sentence; null where it can. */
export function faultOf(start: ProjectStart, images: Images): string | null {
  if (start.kind === 'zoo') return startOf(start.model, images).fault;
  if (start.kind === 'pretrained')
    return (
      refusesTransfer(start.weights, { input: images.imageShape, classes: images.classes.length }) ?? null
    );
  return null;
}

/** The project, but for its name and its dataset. */
export function documentOf(start: ProjectStart, images: Images): ProjectDocument {
  switch (start.kind) {
    case 'empty':
      return newDocument('untitled', inputGraph(images.imageShape));
    case 'zoo':
      return startOf(start.model, images).document;
    case 'pretrained': {
      const size = { input: images.imageShape, classes: images.classes.length };
      return fromPretrained(newDocument(start.weights.title), start.weights, size);
    }
  }
}

/** How many parameters of a pretrained start learn: those of its last layer. */
export function learningParameters(weights: Pretrained, images: Images): number {
  return infer(documentOf({ kind: 'pretrained', weights }, images).graph).totals.trainable;
}

/** Below this side (pixels) an image is seldom a photograph, and little of it is left for pretrained features. */
const LEAST_PHOTOGRAPH_SIDE = 64;

/** Above it, a network that begins with drawn weights has enough to learn from. */
const MANY_IMAGES_PER_CLASS = 2000;

/**
 * The pretrained start to propose before all others; undefined where drawn weights are the better guess.
 * @param count of all images of the dataset
 */
export function proposedStart(images: Images, count: number): ProjectStart | undefined {
  const [, height, width] = images.imageShape;
  if (Math.min(height, width) < LEAST_PHOTOGRAPH_SIDE) return undefined;
  if (count / images.classes.length > MANY_IMAGES_PER_CLASS) return undefined;
  return pretrainedWeights()
    .map((weights): ProjectStart => ({ kind: 'pretrained', weights }))
    .find(start => faultOf(start, images) === null);
}
