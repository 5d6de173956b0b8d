/** One dimension first: the sum of two dice is the convolution of what each of them can show. */
import { NativeSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import { decimal, fraction } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { NumberGrid } from '../figures/numberGrid.tsx';
import { toyQuestion } from '../oneLayerNetwork.ts';
import { Answered } from '../questionAnswer.tsx';
import { Stepper } from './stepper.tsx';

const DICE_FACES = 6;
const DICE_SUMS = 2 * DICE_FACES - 1;

const dice: Readonly<Record<string, readonly number[]>> = {
  fair: [1, 1, 1, 1, 1, 1],
  'loaded towards 6': [1, 1, 1, 1, 1, 5],
  'only odd numbers': [1, 0, 1, 0, 1, 0],
};

const chances = (name: string) => {
  const weights = dice[name]!;
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map(weight => weight / sum);
};

/** How often each face of a die shows, convolved with the other's: PyTorch does not flip, so the kernel is flipped. */
function diceQuestion(f: readonly number[], g: readonly number[]) {
  return toyQuestion(
    { shape: [1, 1, DICE_FACES], values: Float32Array.from(f) },
    [
      [
        'Conv2d',
        'layer',
        {
          outChannels: 1,
          kernelSize: [1, DICE_FACES],
          padding: [0, 0, DICE_FACES - 1, DICE_FACES - 1],
          bias: false,
        },
      ],
    ],
    { 'layer.weight': Float32Array.from(g.toReversed()) },
  );
}

export function Dice() {
  const [first, setFirst] = useState('fair');
  const [second, setSecond] = useState('fair');
  const [at, setAt] = useState(2);
  const [f, g] = useMemo(() => [chances(first), chances(second)], [first, second]);
  const asked = useAnswer(useMemo(() => diceQuestion(f, g), [f, g]));
  const total = at + 2;
  const names = Object.keys(dice);
  return (
    <div className="explain-split">
      <aside className="explain-controls" aria-label="Settings">
        <NativeSelect
          label="First die, f"
          data={names}
          value={first}
          onChange={event => setFirst(event.currentTarget.value)}
        />
        <NativeSelect
          label="Second die, g"
          data={names}
          value={second}
          onChange={event => setSecond(event.currentTarget.value)}
        />
        <p className="tiny">
          (f ∗ g)(s) = Σ f(s − m) · g(m): the second die is flipped, moved along the first, and where both
          overlap they are multiplied and added. An image has two directions; the rest is the same.
        </p>
      </aside>
      <div className="explain-main">
        <Stepper label="Sum of the dice" count={DICE_SUMS} at={at} onStep={setAt} />
        <Answered asked={asked}>
          {answer => (
            <Overlap
              f={f}
              g={g}
              total={total}
              sums={answer.images[0]!.outputs.layer!.values}
              onPick={setAt}
            />
          )}
        </Answered>
      </div>
    </div>
  );
}

interface OverlapProps {
  f: readonly number[];
  g: readonly number[];
  total: number;
  sums: Float32Array;
  onPick: (at: number) => void;
}

function Overlap({ f, g, total, sums, onPick }: OverlapProps) {
  const faces = Array.from({ length: DICE_FACES }, (_, i) => i + 1);
  const partner = (face: number) => g[total - face - 1] ?? 0;
  const overlaps = (face: number) => total - face >= 1 && total - face <= DICE_FACES;
  const pairs = faces.filter(overlaps);
  const terms = pairs.map(face => `f(${face})·g(${total - face})`).join(' + ');
  const numbers = pairs.map(face => `${decimal(f[face - 1]!, 3)}·${decimal(partner(face), 3)}`).join(' + ');
  const most = Math.max(...sums);
  return (
    <div className="dice">
      <NumberGrid
        title="f, and below it g flipped, where the sum is reached"
        rows={[faces, f, faces.map(face => (overlaps(face) ? partner(face) : Number.NaN))]}
        mark={(y, x) => (overlaps(x + 1) ? (y === 0 ? 'read' : 'window') : y === 0 ? 'padding' : undefined)}
        hue="var(--f-conv)"
      />
      <section className="stage-sum" aria-label="The sum" aria-live="polite">
        <p className="mono">
          (f ∗ g)({total}) = {terms}
        </p>
        <p className="mono">
          = {numbers} = <b data-testid="sum">{fraction(sums[total - 2]!)}</b>
        </p>
      </section>
      <ul className="dice-bars" aria-label="How often each sum comes">
        {Array.from(sums, (value, i) => (
          <li key={String(i)} data-current={i + 2 === total || undefined}>
            <button type="button" onClick={() => onPick(i)} aria-label={`Sum ${i + 2}: ${fraction(value)}`}>
              <i style={{ height: `${(100 * value) / most}%` }} />
              <span>{i + 2}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
