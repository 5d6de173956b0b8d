/**
 * Multiply: values of one shape are multiplied, element by element (torch.mul). What has one number for each channel
 * of an image is a gate: it multiplies all of the channel's pixels. Nothing else is broadcast.
 */
import { joined } from './add.ts';
import type { Fault } from './fault.ts';
import { cells, PAIR } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import type { Lowering, Tensor } from './lowering.ts';
import { matchShapes } from './matching.ts';
import { type Shape, shapeText, sizeOf } from './shape.ts';

/** Whether its numbers are one for each channel of images of this shape. */
function gates(shape: Shape, image: Shape): boolean {
  return image.length === 3 && shape.length === 3 && sizeOf(shape) === image[0] && shape[0] === image[0];
}

const isSame = (a: Shape, b: Shape) => shapeText(a) === shapeText(b);

/** The shape of the product: that of the largest input. */
function imageAmong(inputs: readonly Shape[]): Shape {
  return inputs.reduce((largest, shape) => (sizeOf(shape) > sizeOf(largest) ? shape : largest));
}

function faultOf(inputs: readonly Shape[]): Fault | undefined {
  const image = imageAmong(inputs);
  if (inputs.every(shape => isSame(shape, image) || gates(shape, image))) return undefined;
  return {
    code: 'shapes-differ',
    message: `Multiply wants inputs of one shape, or beside them such of one number a channel (C×1×1); it gets ${inputs.map(shapeText).join(' and ')}.`,
    repairs: matchShapes(inputs),
  };
}

interface Factor {
  readonly tensor: Tensor;
  readonly isGate: boolean;
}

/** Multiplies what a layer gets. Numbers of one image or vector, and of them channels and pixels. */
class Product {
  readonly #lowering: Lowering;
  readonly #count: number;
  readonly #channels: number;
  readonly #pixels: number;
  readonly factors: readonly Factor[];

  constructor(lowering: Lowering) {
    const shape = lowering.outputShape;
    this.#lowering = lowering;
    this.#count = sizeOf(shape);
    this.#channels = shape[0]!;
    this.#pixels = this.#count / this.#channels;
    this.factors = lowering.inputs.map((tensor, i) => {
      return { tensor, isGate: !isSame(lowering.inputShapes[i]!, shape) };
    });
  }

  /** Emits the product of several. @returns where it is */
  of(factors: readonly Factor[], into?: () => Tensor): Factor {
    const [whole, gate] = [false, true].map(isGate => factors.filter(each => each.isGate === isGate));
    if (gate!.length === 0) return this.#sameSize(whole!, into);
    if (whole!.length === 0) return this.#sameSize(gate!);
    const [x, by] = [this.#sameSize(whole!).tensor, this.#sameSize(gate!).tensor];
    const y = into ? into() : this.#lowering.temporary('gated', x.count);
    this.#lowering.emit('gateForward', { x, gate: by, y, channels: this.#channels, pixels: this.#pixels });
    return { tensor: y, isGate: false };
  }

  #sameSize(factors: readonly Factor[], into?: () => Tensor): Factor {
    const isGate = factors[0]!.isGate;
    const count = isGate ? this.#channels : this.#count;
    let product = factors[0]!.tensor;
    for (const [i, { tensor }] of factors.slice(1).entries()) {
      const last = i === factors.length - 2;
      const y = last && into ? into() : this.#lowering.temporary(`product${i}`, product.count);
      this.#lowering.emit('multiplyForward', { a: product, b: tensor, y, count });
      product = y;
    }
    return { tensor: product, isGate };
  }

  /** Emits the gradient of one factor, given the product of the others. */
  backward(dy: Tensor, { isGate }: Factor, other: Factor, dx: Tensor, accumulate: 0 | 1): void {
    const { tensor } = other;
    const perChannel = { accumulate, channels: this.#channels, pixels: this.#pixels };
    const count = this.#count;
    if (isGate) this.#lowering.emit('gateBackwardGate', { dy, x: tensor, dGate: dx, ...perChannel });
    else if (other.isGate) this.#lowering.emit('gateBackwardInput', { dy, gate: tensor, dx, ...perChannel });
    else this.#lowering.emit('multiplyBackward', { dy, other: tensor, dx, accumulate, count });
  }
}

export const multiply = defineLayer({
  ...withoutWeights,
  kind: 'Multiply',
  family: 'merge',
  summary: 'Multiplies what flows in, element by element.',
  help: 'One branch gates another: where it is near zero nothing passes. All inputs need the same shape; of a branch that ends in one number for each channel (C×1×1), as in squeeze-and-excitation, that number multiplies the whole channel.',
  formula: 'y = a · b · …',
  picture: () => cells(PAIR, [joined(PAIR, (a, b) => a * b)], '×'),
  fields: {},
  inputs: 'several',
  examples: [
    { params: {}, input: [3, 4, 5], others: [[3, 4, 5]] },
    { params: {}, input: [6], others: [[6], [6]] },
    { params: {}, input: [5, 4, 3], others: [[5, 1, 1]] },
    {
      params: {},
      input: [70, 1, 1],
      others: [
        [70, 12, 13],
        [70, 12, 13],
        [70, 1, 1],
      ],
    },
  ],
  detail: () => '',
  shape(_params, _input, inputs) {
    const fault = faultOf(inputs);
    if (fault) return { fault };
    const image = imageAmong(inputs);
    const isGated = inputs.some(shape => !isSame(shape, image));
    const why = isGated
      ? `As the image came, each channel times its gate: ${shapeText(image)}.`
      : `As they came: ${shapeText(image)}.`;
    return { shape: { value: image, why } };
  },
  macs: (_params, _input, output) => ({
    value: sizeOf(output),
    why: `${shapeText(output).replaceAll('×', ' · ')}, one each`,
  }),
  reach: () => 'pointwise',
  lower(_params, lowering) {
    const product = new Product(lowering);
    const { factors } = product;
    product.of(factors, () => lowering.output());
    lowering.backward((dy, _dx, dxs) => {
      for (const [i, dx] of dxs.entries()) {
        if (!dx) continue;
        product.backward(dy, factors[i]!, product.of(factors.toSpliced(i, 1)), dx.tensor, dx.accumulate);
      }
    });
  },
  pytorch: { merge: values => values.join(' * ') },
  keras: kerasLayer('Multiply'),
  onnx: ['Mul'],
});
