/** Transposed convolution: every number is spread over the output by the kernel, and what overlaps is added. */
import { useMemo, useState } from 'react';
import { initialValues } from '../../../engine/layers/fields.ts';
import { useAnswer } from '../askStudio.ts';
import { type Settings, SettingsForm, settingFields } from '../figureSettings.tsx';
import { cellText, NumberGrid } from '../figures/numberGrid.tsx';
import { flatten, toyQuestion, type Volume, volumeOf } from '../oneLayerNetwork.ts';
import { Answered } from '../questionAnswer.tsx';
import { Stepper } from './stepper.tsx';
import { chanceVolume } from './windowGeometry.ts';

const fields = settingFields({
  size: { initial: 3, max: 6 },
  kernelSize: { initial: 3, max: 5 },
  stride: { initial: 2, max: 4, help: 'Output pixels between two input pixels.' },
  padding: { initial: 1, max: 2, help: 'Rows and columns cut off at every side.' },
});

export function Transposed() {
  const [settings, setSettings] = useState(initialValues(fields));
  const { size, kernelSize, stride, padding } = settings;
  const input = useMemo(() => chanceVolume(5, [1, size, size], [1, 4]), [size]);
  const kernel = useMemo(() => chanceVolume(9, [1, kernelSize, kernelSize], [0, 2]), [kernelSize]);
  const question = useMemo(
    () =>
      toyQuestion(
        { shape: [1, size, size], values: flatten(input) },
        [
          [
            'ConvTranspose2d',
            'layer',
            {
              outChannels: 1,
              kernelSize: [kernelSize, kernelSize],
              stride: [stride, stride],
              padding: [padding, padding],
              outputPadding: [0, 0],
              bias: false,
            },
          ],
        ],
        { 'layer.weight': flatten(kernel) },
      ),
    [size, kernelSize, stride, padding, input, kernel],
  );
  const asked = useAnswer(question);
  return (
    <div className="explain-split">
      <aside className="explain-controls" aria-label="Settings">
        <SettingsForm
          id="transposed"
          fields={fields}
          values={settings}
          onChange={change => setSettings({ ...settings, ...change })}
        />
        <p className="tiny">
          It goes the way of a convolution backwards: (n − 1) · stride − 2 · padding + kernel, so a stride
          makes the image larger. It is learned, unlike enlarging by repetition.
        </p>
      </aside>
      <div className="explain-main">
        <Answered asked={asked}>
          {answer => {
            const { shape, values } = answer.images[0]!.outputs.layer!;
            const extent = (size - 1) * stride - 2 * padding + kernelSize;
            if (shape[1] !== extent) return null;
            return (
              <Spread input={input} kernel={kernel} output={volumeOf(values, shape)} settings={settings} />
            );
          }}
        </Answered>
      </div>
    </div>
  );
}

interface SpreadProps {
  input: Volume;
  kernel: Volume;
  output: Volume;
  settings: Settings<keyof typeof fields>;
}

function Spread({ input, kernel, output, settings }: SpreadProps) {
  const { size, kernelSize, stride, padding } = settings;
  const [step, setStep] = useState(0);
  const at = Math.min(step, size * size - 1);
  const [row, column] = [Math.floor(at / size), at % size];
  const value = input[0]![row]![column]!;
  const from = (place: number) => place * stride - padding;
  const isIn = (cell: number, place: number) => cell >= from(place) && cell < from(place) + kernelSize;
  return (
    <>
      <Stepper label="Number that is spread" count={size * size} at={at} onStep={setStep} />
      <div className="stage-columns">
        <NumberGrid
          title="Input"
          rows={input[0]!}
          hue="var(--f-conv)"
          mark={(y, x) => (y === row && x === column ? 'current' : undefined)}
          onPick={(y, x) => setStep(y * size + x)}
        />
        <NumberGrid
          title={`Kernel times ${cellText(value)}`}
          rows={kernel[0]!.map(line => line.map(w => w * value))}
          hue="var(--f-merge)"
          mark={() => 'window'}
        />
        <NumberGrid
          title="Output: all of them added"
          rows={output[0]!}
          hue="var(--ok)"
          mark={(y, x) => (isIn(y, row) && isIn(x, column) ? 'window' : undefined)}
        />
      </div>
      <p className="mono" aria-live="polite">
        {cellText(value)} at row {row + 1}, column {column + 1} is spread from row {from(row) + 1}, column{' '}
        {from(column) + 1} on; {output[0]!.length}×{output[0]!.length} = ({size} − 1) · {stride} − 2 ·{' '}
        {padding} + {kernelSize}
      </p>
    </>
  );
}
