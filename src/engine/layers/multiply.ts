/** Multiply: values of one shape are multiplied, element by element (torch.mul). Nothing is broadcast. */
import { joined, wantsEqualShapes } from './add.ts';
import { cells, PAIR } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import type { Lowering, Tensor } from './lowering.ts';
import { shapeText, sizeOf } from './shape.ts';

/** Emits the product of several tensors. @returns the tensor that holds it */
function emitProduct(lowering: Lowering, factors: readonly Tensor[], count: number, into?: Tensor): Tensor {
  let product = factors[0]!;
  for (const [i, factor] of factors.slice(1).entries()) {
    const last = i === factors.length - 2;
    const y = last && into ? into : lowering.temporary(`product${i}`, product.count);
    lowering.emit('multiplyForward', { a: product, b: factor, y, count });
    product = y;
  }
  return product;
}

export const multiply = defineLayer({
  ...withoutWeights,
  kind: 'Multiply',
  family: 'merge',
  summary: 'Multiplies what flows in, element by element.',
  help: 'One branch gates another: where it is near zero nothing passes. All inputs need the same shape.',
  formula: 'y = a · b · …',
  picture: () => cells(PAIR, [joined(PAIR, (a, b) => a * b)], '×'),
  fields: {},
  inputs: 'several',
  examples: [
    { params: {}, input: [3, 4, 5], others: [[3, 4, 5]] },
    { params: {}, input: [6], others: [[6], [6]] },
  ],
  detail: () => '',
  shape(_params, input, inputs) {
    const fault = wantsEqualShapes('Multiply', inputs);
    return fault ? { fault } : { shape: { value: input, why: `As they came: ${shapeText(input)}.` } };
  },
  macs: (_params, input) => ({
    value: sizeOf(input),
    why: `${shapeText(input).replaceAll('×', ' · ')}, one each`,
  }),
  reach: () => 'pointwise',
  lower(_params, lowering) {
    const count = sizeOf(lowering.outputShape);
    const { inputs } = lowering;
    emitProduct(lowering, inputs, count, lowering.output());
    lowering.backward((dy, _dx, dxs) => {
      for (const [i, dx] of dxs.entries()) {
        if (!dx) continue;
        const other = emitProduct(lowering, inputs.toSpliced(i, 1), count);
        lowering.emit('multiplyBackward', { dy, other, dx: dx.tensor, accumulate: dx.accumulate, count });
      }
    });
  },
  pytorch: { merge: values => values.join(' * ') },
  keras: kerasLayer('Multiply'),
  onnx: ['Mul'],
});
