/**
 * How images enter a program: as normalised reals, or as bytes, which are normalised there, in training after
 * augmentation. Boxes and masks are augmented with their images.
 */
import { augmentationKind } from '../augmentations/registry.ts';
import type { Training } from '../graph/document.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Shape } from '../layers/shape.ts';
import { hashName } from './hashName.ts';
import { emitInto, type Context as NetworkContext } from './lower.ts';
import type { Constant, Model, ModelHead } from './program.ts';
import { validated } from './validatedKind.ts';

/** The part of the lowering context that is needed here. */
type Context = Pick<NetworkContext, 'tensors' | 'instructions' | 'training'>;

export interface NetworkInput {
  readonly ports: Pick<Model, 'images' | 'indices' | 'normalization'>;
  /** Channels, height, width. */
  readonly shape: Shape;
  readonly heads: readonly Pick<ModelHead, 'answer' | 'targets'>[];
  readonly augmentations: Training['augmentations'];
  /** Shared by all programs, by name. */
  readonly constants: Map<string, Constant>;
  /** Lowers the gradient of the loss with respect to normalised images; missing where there is no network. */
  readonly lossGradient?: (image: Tensor) => Tensor;
}

/** @returns the normalised images that the network reads */
export function lowerInput(context: Context, input: NetworkInput): Tensor {
  const { images, normalization } = input.ports;
  if (!normalization) return images;
  const [channels, height, width] = input.shape as [number, number, number];
  const extents = { pixels: height * width, channels };
  const y = context.tensors.make('normalized', 'real', images.count);
  const augments = context.training && input.augmentations.length > 0;
  if (augments) {
    const standardize = (x: Tensor, y: Tensor) =>
      emitInto(context.instructions, 'standardizeForward', { x, ...normalization, y, ...extents });
    standardize(lowerAugmentations(context, input, standardize), y);
  } else emitInto(context.instructions, 'normalizeForward', { images, ...normalization, y, ...extents });
  return y;
}

/**
 * Scales bytes to 0…1 and applies the augmentations one after the other. @returns images from 0 to 1, not normalised
 */
function lowerAugmentations(
  context: Context,
  input: NetworkInput,
  standardize: (x: Tensor, y: Tensor) => void,
): Tensor {
  const { instructions, tensors } = context;
  const { images, indices } = input.ports;
  const [channels, height, width] = input.shape as [number, number, number];
  const image = (name: string) => tensors.make(name, 'real', images.count);
  const truth = (answer: ModelHead['answer']) =>
    input.heads.find(head => head.answer === answer)?.targets ?? null;
  const scale = constant(context, input, 'unit.scale', channels, 1 / 255);
  const shift = constant(context, input, 'unit.shift', channels, 0);
  let x = image('unit');
  const operands = { images, scale, shift, y: x, pixels: height * width, channels };
  emitInto(instructions, 'normalizeForward', operands);
  for (const [i, chosen] of input.augmentations.entries()) {
    const { kind, params } = validated(augmentationKind(chosen.kind), chosen, 'augmentation');
    const name = `augmentation${i}.${chosen.kind}`;
    const y = image(name);
    const augmented = { x, y, indices, key: hashName(name), channels, height, width };
    kind.lower(params, {
      augmented,
      boxes: truth('box'),
      masks: truth('mask'),
      lossGradient() {
        if (!input.lossGradient) return null;
        const read = image(`${name}.normalized`);
        standardize(augmented.x, read);
        return input.lossGradient(read);
      },
      temporary: (part, count, type) => tensors.make(`${name}.${part}`, type, count),
      emit: (instruction, given) => emitInto(instructions, instruction, given),
    });
    x = y;
  }
  return x;
}

function constant(
  { tensors }: Context,
  { constants }: NetworkInput,
  name: string,
  count: number,
  value: number,
): Tensor {
  const known = constants.get(name);
  if (known) return known.tensor;
  const tensor = tensors.make(name, 'real', count);
  constants.set(name, { tensor, values: new Array<number>(count).fill(value) });
  return tensor;
}
