/** Add: values of one shape are added, element by element (torch.add). Nothing is broadcast. */
import type { Fault } from './fault.ts';
import { type Channels, cells, type Grid, PAIR } from './helpPicture.ts';
import { kerasLayer } from './kerasForm.ts';
import { defineLayer, withoutWeights } from './layer.ts';
import type { Gradient } from './lowering.ts';
import { matchShapes } from './matching.ts';
import { type Shape, shapeText, sizeOf } from './shape.ts';

/** The fault of an element-by-element merge whose inputs differ in shape. */
function wantsEqualShapes(kind: string, inputs: readonly Shape[]): Fault | undefined {
  const [first] = inputs;
  const other = inputs.find(shape => shapeText(shape) !== shapeText(first!));
  if (!other) return undefined;
  return {
    code: 'shapes-differ',
    message: `${kind} wants inputs of one shape; it gets ${inputs.map(shapeText).join(' and ')}.`,
    repairs: matchShapes(inputs),
  };
}

/** The help's picture of an elementwise operation on two images. */
export function joined([a, b]: readonly [Channels, Channels], join: (a: number, b: number) => number): Grid {
  return a[0]!.map((row, y) => row.map((value, x) => join(value, b[0]![y]![x]!)));
}

export const add = defineLayer({
  ...withoutWeights,
  kind: 'Add',
  family: 'merge',
  summary: 'Adds what flows in, element by element.',
  help: 'The shortcut of residual networks: what a few layers found is added to what they were given, so that signal and gradient also flow past them. All inputs need the same shape.',
  formula: 'y = a + b + …',
  picture: () => cells(PAIR, [joined(PAIR, (a, b) => a + b)], '+'),
  fields: {},
  inputs: 'several',
  examples: [
    { params: {}, input: [3, 4, 5], others: [[3, 4, 5]] },
    { params: {}, input: [7], others: [[7], [7]] },
  ],
  detail: () => '',
  shape(_params, input, inputs) {
    const fault = wantsEqualShapes('Add', inputs);
    return fault ? { fault } : { shape: { value: input, why: `As they came: ${shapeText(input)}.` } };
  },
  macs: () => ({ value: 0, why: '0: additions, no multiplications' }),
  reach: () => 'pointwise',
  lower(_params, lowering) {
    const count = sizeOf(lowering.outputShape);
    const [first, ...rest] = lowering.inputs;
    let sum = first!;
    for (const [i, next] of rest.entries()) {
      const last = i === rest.length - 1;
      const y = last ? lowering.output() : lowering.temporary(`sum${i}`, sum.count);
      lowering.emit('addForward', { a: sum, b: next, y, count });
      sum = y;
    }
    lowering.backward((dy, _dx, dxs) => {
      for (const dx of dxs.filter((gradient): gradient is Gradient => gradient !== null)) {
        lowering.emit('copyBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, count });
      }
    });
  },
  pytorch: { merge: values => values.join(' + ') },
  keras: kerasLayer('Add'),
  onnx: ['Add'],
});
