/** A model that only augments, to preview augmentations: the same instructions that a training step begins with. */
import type { Answer, Training } from '../graph/document.ts';
import { LINE_BYTES } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Shape, sizeOf } from '../layers/shape.ts';
import { encode, encodedLength } from './encode.ts';
import { Tensors } from './lower.ts';
import { lowerInput } from './lowerInput.ts';
import { placeByLifetime, placeInOrder } from './plan.ts';
import { type Constant, forEachProgram, type Instruction, type Model, type ModelHead } from './program.ts';
import { verify } from './verify.ts';

export interface AugmentingOptions {
  /** Channels, height, width. */
  readonly shape: Shape;
  readonly batch: number;
  readonly augmentations: Training['augmentations'];
  /** Which targets are transformed together with the images. */
  readonly answers: readonly Extract<Answer, 'box' | 'mask'>[];
  /** Where the model's memory begins, in bytes: a multiple of a line. */
  readonly start: number;
}

/** `train` is its only program; its heads hold the boxes and masks and have no losses. */
export interface AugmentingModel extends Model {
  /** batch × height × width × channels, normalised. */
  readonly augmented: Tensor;
}

export function compileAugmenting(options: AugmentingOptions): AugmentingModel {
  const { shape, batch, augmentations, answers, start } = options;
  const tensors = new Tensors();
  const [channels, height, width] = shape as [number, number, number];
  const ports = {
    images: tensors.make('images', 'uint8', batch * sizeOf(shape)),
    indices: tensors.make('indices', 'int32', batch),
    losses: tensors.make('losses', 'real', batch),
    normalization: {
      scale: tensors.make('scale', 'real', channels),
      shift: tensors.make('shift', 'real', channels),
    },
  };
  const heads = answers.map((answer): ModelHead => {
    const targets =
      answer === 'box'
        ? tensors.make('boxes', 'real', 4 * batch)
        : tensors.make('masks', 'int32', batch * height * width);
    const outputs = forEachProgram(() => null);
    return { node: '', answer, shape: [], outputs, targets, predictions: null, scores: ports.losses };
  });
  const constants = new Map<string, Constant>();
  const instructions: Instruction[] = [];
  const augmented = lowerInput(
    { tensors, instructions, training: true },
    { ports, shape, heads, augmentations, constants },
  );
  const lasting = [
    ...[ports.images, ports.indices, ports.losses, ports.normalization.scale, ports.normalization.shift],
    ...heads.map(({ targets }) => targets),
    ...[...constants.values()].map(({ tensor }) => tensor),
  ];
  const lines = new Int32Array(tensors.all.length);
  const first = start / LINE_BYTES + Math.ceil((encodedLength(instructions) * 4) / LINE_BYTES);
  const shared = placeInOrder(lasting, first, 4, lines);
  const end = placeByLifetime(instructions, new Set([augmented]), shared, 4, lines);
  const given = lasting.filter(tensor => tensor !== ports.losses);
  const plan = { lines, from: first, end, lasting };
  verify({ instructions, realBytes: 4, given, read: [augmented], plan });
  return {
    ...{ batch, realBytes: 4, parameters: [], heads, activity: [], outputsOfNodes: [], lines, augmented },
    ...ports,
    constants: [...constants.values()],
    instructions: forEachProgram(name => (name === 'train' ? instructions : [])),
    programs: forEachProgram(name => (name === 'train' ? encode(instructions, lines) : null)),
    end: end * LINE_BYTES,
    sizes: { weights: 0, optimizer: 0, activations: end * LINE_BYTES - start },
  };
}
