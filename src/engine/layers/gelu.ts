/** GELU: x · Φ(x), where Φ is the normal distribution function (torch.nn.GELU). */
import { elementwise, lowerActivation } from './activation.ts';
import { choice, type Fields } from './fields.ts';
import { curve } from './helpPicture.ts';
import { type KerasClass, kerasCall } from './kerasForm.ts';
import { defineLayer } from './layer.ts';

import { word } from './torchForm.ts';

const fields = {
  approximate: choice({
    label: 'Approximation',
    help: '“none” is exact. “tanh” is the older, nearly equal form of GPT-2 and BERT.',
    options: ['none', 'tanh'],
    initial: 'none',
  }),
} satisfies Fields;

/** Φ(x), the normal distribution function, by Simpson's rule. */
function normalCdf(x: number): number {
  const steps = 200;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * density((x * i) / steps);
  return 0.5 + (sum * x) / steps / 3;
}

/** The approximation of Φ(x) with approximate="tanh". */
function normalCdfTanh(x: number): number {
  return (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))) / 2;
}

const tanhGelu: KerasClass = {
  name: 'TanhGELU',
  text: `class TanhGELU(layers.Layer):
    """GELU in its older form, by tanh."""

    def call(self, x):
        return ops.gelu(x, approximate=True)`,
};

export const gelu = defineLayer({
  ...elementwise,
  kind: 'GELU',
  summary: 'A smooth ReLU: each value times how usual it is to be below it.',
  help: 'x · Φ(x), with Φ the normal distribution. Smooth everywhere, slightly negative before it rises; the activation of transformers and of ConvNeXt (Hendrycks, Gimpel, 2016).',
  formula: 'y = x · Φ(x)\ntanh: y = x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2',
  picture: ({ approximate }) => curve(x => x * (approximate === 'tanh' ? normalCdfTanh(x) : normalCdf(x))),
  fields,
  examples: [
    { params: {}, input: [5, 6, 7] },
    { params: { approximate: 'tanh' }, input: [3, 5, 5] },
    { params: {}, input: [33] },
  ],
  detail: ({ approximate }) => (approximate === 'none' ? '' : approximate),
  lower: ({ approximate }, lowering) =>
    lowerActivation(lowering, approximate === 'tanh' ? 'geluTanh' : 'gelu', 'input'),
  pytorch: { module: 'nn.GELU', arguments: [word('approximate', 'approximate', 'none')] },
  keras: ({ approximate }) => ({
    calls: [approximate === 'none' ? kerasCall('Activation', ['gelu']) : kerasCall(tanhGelu)],
  }),
  onnx: ['Gelu'],
});
