/** What Adam and AdamW share: moving averages of the gradient and of its square. They differ in weight decay. */
import { type Fields, number, toggle, type Values } from '../layers/fields.ts';
import { epsField, optimizerCall, type UpdateLowering, weightDecayField } from './optimizer.ts';

const beta = (label: string, help: string, initial: number) =>
  number({ label, help, initial, min: 0, max: 0.999999 });

const fieldsWith = (weightDecay: number) =>
  ({
    beta1: beta(
      'Beta 1',
      'How much of the average gradient is kept at each step: 0.9 smooths over some ten steps.',
      0.9,
    ),
    beta2: beta(
      'Beta 2',
      'The same of the average square, by which each weight’s step is scaled: 0.999 looks back over some thousand steps.',
      0.999,
    ),
    eps: epsField(),
    weightDecay: weightDecayField(weightDecay),
    amsgrad: toggle({
      label: 'AMSGrad',
      help: 'Divides by the largest average square so far, so that steps never grow again.',
      initial: false,
    }),
  }) satisfies Fields;

type AdamValues = Values<ReturnType<typeof fieldsWith>>;

/** Members of an Adam variant, with weight decay as part of the gradient (Adam) or decoupled (AdamW). */
export function adaptive(name: 'Adam' | 'AdamW', weightDecayOfPyTorch: number) {
  return {
    kind: name,
    usualRate: 0.001,
    fields: fieldsWith(weightDecayOfPyTorch),
    lower({ beta1, beta2, eps, weightDecay, amsgrad }: AdamValues, lowering: UpdateLowering) {
      lowering.emit('adamUpdate', {
        weight: lowering.weight,
        gradient: lowering.gradient,
        average: lowering.slot('exp_avg'),
        square: lowering.slot('exp_avg_sq'),
        maximum: amsgrad ? lowering.slot('max_exp_avg_sq') : null,
        count: lowering.weight.count,
        rate: lowering.rate,
        complement1: 1 - beta1,
        complement2: 1 - beta2,
        eps,
        weightDecay: lowering.decays ? weightDecay : 0,
        decoupled: Number(name === 'AdamW'),
      });
    },
    pytorch({ beta1, beta2, eps, weightDecay, amsgrad }: AdamValues, learningRate: number) {
      const defaults = {
        betas: '(0.9, 0.999)',
        eps: 1e-8,
        weight_decay: weightDecayOfPyTorch,
        amsgrad: false,
      };
      const values = { betas: `(${beta1}, ${beta2})`, eps, weight_decay: weightDecay, amsgrad };
      return optimizerCall(name, learningRate, defaults, values);
    },
  };
}
