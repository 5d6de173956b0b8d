/** Resolves what a question refers to: the run's checkpoint, the image's pixels, the normalisation. */
import type { ExplainQuestion, ExplainSubject, ImageSource } from '../../../bridge/explainCalls.ts';
import type { ProjectDocument } from '../../../engine/graph/document.ts';
import { inputsOf } from '../../../engine/graph/headAnswers.ts';
import { infer } from '../../../engine/graph/infer.ts';
import { forChannels, type Normalization, normalizationBy } from '../../../engine/graph/normalization.ts';
import { sizeOf } from '../../../engine/layers/shape.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import { weightsOfKind } from '../checkpoints.ts';
import type { Datasets } from '../datasets/datasetService.ts';
import { decode } from '../datasets/decode/pictureProcesses.ts';
import { type Material, pictureOf, type ResolvedImage, type ResolvedWeights } from './explainAnswers.ts';

type ImageShape = [number, number, number];

/** @throws UserError where the run, its checkpoint or the image is missing */
export async function materialFor(
  question: ExplainQuestion,
  workspace: Workspace,
  datasets: Datasets,
): Promise<Material> {
  const { document, weights, step } = subjectOf(question.subject, workspace);
  const sources = 'images' in question ? question.images : 'image' in question ? [question.image] : [];
  const shape = imageShapeOf(document);
  const wanted: ImageShape = question.kind === 'slide' ? [shape[0], ...question.size] : shape;
  const isGiven = 'tensors' in weights;
  // To numbers that a view made up, pictures enter as they are, 0 to 1.
  const dataset = isGiven ? undefined : datasetOf(document, sources, workspace);
  const { mean, std, classes } = dataset
    ? datasets.trainingData(dataset)
    : { mean: [0], std: [1], classes: [] };
  const own = forChannels({ mean, std }, shape[0]);
  const normalization = isGiven ? own : normalizationBy(document.training.start.normalization, own);
  const images: ResolvedImage[] = [];
  for (const source of sources) images.push(await resolve(source, wanted, normalization, datasets));
  return { document, weights, step, images, classes: [...classes], normalization };
}

function subjectOf(
  { document, weights }: ExplainSubject,
  workspace: Workspace,
): { document: ProjectDocument; weights: ResolvedWeights; step: number | null } {
  if (weights.from === 'seed') return { document, weights: { seed: document.training.seed }, step: null };
  if (weights.from === 'given') return { document, weights: { tensors: weights.tensors }, step: null };
  const run = workspace.runs.getRun(weights.run);
  if (!run) throw new UserError('This run is not here any more: it was deleted.');
  const { path, step } = weightsOfKind(workspace, run, weights.kind);
  return { document: run.document, weights: { path }, step };
}

function imageShapeOf({ graph }: ProjectDocument): ImageShape {
  const inference = infer(graph);
  const input = inputsOf(inference)[0];
  const shape = input === undefined ? undefined : inference.nodes.get(input)!.figures?.shape;
  if (shape?.length !== 3) throw new UserError('The network has no Input for an image to enter by.');
  return [...shape] as ImageShape;
}

/** The dataset that the network is trained on, or else the image's. */
function datasetOf(
  { dataset }: ProjectDocument,
  sources: readonly ImageSource[],
  { datasets }: Workspace,
): string | undefined {
  const own = dataset === null ? undefined : datasets.byName(dataset);
  if (own?.state === 'ready') return own.id;
  const image = sources.find(source => source.from === 'dataset');
  return image?.dataset;
}

async function resolve(
  source: ImageSource,
  shape: ImageShape,
  normalization: Normalization,
  datasets: Datasets,
): Promise<ResolvedImage> {
  if (source.from === 'values') {
    if (source.values.length !== sizeOf(shape))
      throw new UserError(`The network takes ${shape.join('×')}; these are ${source.values.length} numbers.`);
    return { values: source.values, picture: pictureOf(source.values, shape, normalization) };
  }
  const file = source.from === 'file' ? source.bytes : await datasets.image(source.dataset, source.index);
  const decoded = await decode(file, shape);
  if ('reason' in decoded) throw new UserError(decoded.reason);
  return fromPixels(decoded.pixels, shape, normalization);
}

/** Converts bytes, height × width × channels. */
function fromPixels(
  pixels: Uint8Array,
  [channels, height, width]: ImageShape,
  { mean, std }: Normalization,
): ResolvedImage {
  const size = height * width;
  const values = new Float32Array(channels * size);
  const seen = new Float32Array(channels * size);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < size; i++) {
      const share = pixels[i * channels + c]! / 255;
      seen[c * size + i] = share;
      values[c * size + i] = (share - mean[c]!) / std[c]!;
    }
  }
  return { values, picture: { shape: [channels, height, width], values: seen } };
}
