/**
 * Transfer: a project that begins with a network that has seen many images. Its head is made for the dataset's
 * classes, all before it is frozen, and images become the numbers that the weights want.
 */
import type { NodeId, ProjectDocument, Training } from '../graph/document.ts';
import { type Frozen, freezeLayers, frozenLayers, layersMatching } from '../graph/freezeLayers.ts';
import { setFrozen } from '../graph/freezing.ts';
import { infer } from '../graph/infer.ts';
import type { Pretrained } from '../graph/pretrained.ts';
import { zooModel } from './registry.ts';
import { type ModelSize, withModel } from './zoo.ts';

/** Below it nothing is left of an image when it comes to the head. */
const SMALLEST = 32;

/**
 * How the head alone is trained: one linear layer on features that stay as they are. Twenty photographs of a class, of
 * ten kinds of hands, reached 0.86 so (measured with PyTorch; 0.83 with 0.001 over 60 epochs).
 */
const headTraining = {
  epochs: 20,
  batchSize: 32,
  learningRate: 0.01,
  optimizer: { kind: 'AdamW', params: {} },
} satisfies Partial<Training>;

/** Why the weights cannot be of use for such images, in one sentence; undefined where they can. */
export function refusesTransfer(
  { title }: Pretrained,
  { input: [channels, height, width], classes }: ModelSize,
): string | undefined {
  if (channels !== 3)
    return `The weights of ${title} see red, green and blue; these images have ${channels === 1 ? 'one channel' : `${channels} channels`}: prepare the dataset in colours first.`;
  if (Math.min(height, width) < SMALLEST)
    return `${title} makes a 32nd of an image's height and width: these images of ${height}×${width} are too small for it. Prepare the dataset at ${SMALLEST}×${SMALLEST} or larger; 224×224 is what its weights were trained on.`;
  if (classes < 2)
    return 'With one class there is nothing to tell apart: a dataset of two classes or more is needed.';
  return undefined;
}

/**
 * The document with the pretrained network in the place of its own: a head for so many classes learns, the backbone is
 * frozen. One step of undo takes all of it back.
 */
export function fromPretrained(
  document: ProjectDocument,
  weights: Pretrained,
  size: ModelSize,
): ProjectDocument {
  const model = zooModel(weights.name);
  if (!model) throw new TypeError(`the zoo has no network for the weights ${weights.name}`);
  const { graph, training, ...rest } = withModel(document, model, size);
  const start = { weights: weights.name, normalization: weights.normalization };
  return {
    ...rest,
    graph: setFrozen(graph, [weights.backbone], true),
    training: { ...training, ...headTraining, start },
  };
}

/** Of the backbone's stages, how many learn on where nobody says otherwise. */
const OPENED = 3;
/** From stage to stage towards the image: what is learnt there fits most photographs already. */
const RATE_TOWARDS_IMAGE = 0.5;

const fineTuning = { epochs: 10, learningRate: 0.0005, warmup: 1 } satisfies Partial<Training>;

/**
 * What comes after the head alone was trained: the last stages of the backbone learn, too, each at a smaller rate than
 * the one behind it, after an epoch in which rates climb. BatchNorm2d stays frozen there as well: the statistics of a
 * few photographs are other than those that the weights know, and would undo what the head has learnt.
 *
 * @returns the document, or in one sentence why its network cannot be opened there
 */
export function fineTuned(
  document: ProjectDocument,
  weights: Pretrained,
  opened = OPENED,
): { readonly document: ProjectDocument } | Extract<Frozen, { refusal: string }> {
  const inference = infer(document.graph);
  const isNorm = (id: NodeId) => inference.nodes.get(id)?.kind?.traits?.includes('batchStatistics') ?? false;
  const learningOf = (pattern: string) => layersMatching(inference, pattern).filter(id => !isNorm(id));
  const stages = weights.stages
    .slice(-opened)
    .map(patterns => patterns.filter(pattern => learningOf(pattern).length > 0));
  const learning = stages.flat().flatMap(learningOf);
  if (learning.length === 0)
    return { refusal: `The network has no layers of ${weights.title} to be fine-tuned.` };
  const backbone = layersMatching(inference, weights.backbone);
  const kept = frozenLayers(inference).union(new Set(backbone)).difference(new Set(learning));
  const frozen = freezeLayers(document.graph, inference, kept);
  if ('refusal' in frozen) return frozen;
  const slower = stages
    .toReversed()
    .flatMap((patterns, i) => patterns.map(layers => ({ layers, factor: RATE_TOWARDS_IMAGE ** (i + 1) })));
  const others = document.training.rates.filter(({ layers }) => !weights.stages.flat().includes(layers));
  const training = { ...document.training, ...fineTuning, rates: [...slower, ...others] };
  return { document: { ...document, graph: frozen.graph, training } };
}
