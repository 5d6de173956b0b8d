/**
 * How images enter a program: as reals that are normalised already, or as bytes, which are normalised; for
 * training augmented before, and boxes and masks with them.
 */
import { augmentationKind } from '../augmentations/registry.ts';
import type { Training } from '../graph/document.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Shape } from '../layers/shape.ts';
import { hashName } from './hashName.ts';
import { emitInto, type Context as NetworkContext } from './lower.ts';
import type { Constant, Model, ModelHead } from './program.ts';
import { validated } from './validatedKind.ts';

/** What of the compiler this needs. */
type Context = Pick<NetworkContext, 'tensors' | 'instructions' | 'training'>;

export interface Entrance {
  readonly ports: Pick<Model, 'images' | 'indices' | 'normalization'>;
  /** Channels, height, width. */
  readonly shape: Shape;
  readonly heads: readonly Pick<ModelHead, 'answer' | 'targets'>[];
  readonly augmentations: Training['augmentations'];
  /** Collected: each is there once for all programs. */
  readonly constants: Map<string, Constant>;
  /** Lowers what it takes to know the gradient of the loss by images that are normalised; missing: no network is there. */
  readonly lossGradient?: (image: Tensor) => Tensor;
}

/** @returns what the network reads */
export function lowerEntrance(context: Context, entrance: Entrance): Tensor {
  const { images, normalization } = entrance.ports;
  if (!normalization) return images;
  const [channels, height, width] = entrance.shape as [number, number, number];
  const extents = { pixels: height * width, channels };
  const y = context.tensors.make('normalized', 'real', images.count);
  const augments = context.training && entrance.augmentations.length > 0;
  if (augments) {
    const standardize = (x: Tensor, y: Tensor) =>
      emitInto(context.instructions, 'standardizeForward', { x, ...normalization, y, ...extents });
    standardize(lowerAugmentations(context, entrance, standardize), y);
  } else emitInto(context.instructions, 'normalizeForward', { images, ...normalization, y, ...extents });
  return y;
}

/** Bytes become numbers from 0 to 1, then one augmentation follows the other. */
function lowerAugmentations(
  context: Context,
  entrance: Entrance,
  standardize: (x: Tensor, y: Tensor) => void,
): Tensor {
  const { instructions, tensors } = context;
  const { images, indices } = entrance.ports;
  const [channels, height, width] = entrance.shape as [number, number, number];
  const image = (name: string) => tensors.make(name, 'real', images.count);
  const truth = (answer: ModelHead['answer']) =>
    entrance.heads.find(head => head.answer === answer)?.targets ?? null;
  const scale = constant(context, entrance, 'unit.scale', channels, 1 / 255);
  const shift = constant(context, entrance, 'unit.shift', channels, 0);
  let x = image('unit');
  const operands = { images, scale, shift, y: x, pixels: height * width, channels };
  emitInto(instructions, 'normalizeForward', operands);
  for (const [i, chosen] of entrance.augmentations.entries()) {
    const { kind, params } = validated(augmentationKind(chosen.kind), chosen, 'augmentation');
    const name = `augmentation${i}.${chosen.kind}`;
    const y = image(name);
    const augmented = { x, y, indices, key: hashName(name), channels, height, width };
    kind.lower(params, {
      augmented,
      boxes: truth('box'),
      masks: truth('mask'),
      lossGradient() {
        if (!entrance.lossGradient) return null;
        const read = image(`${name}.normalized`);
        standardize(augmented.x, read);
        return entrance.lossGradient(read);
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
  { constants }: Entrance,
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
