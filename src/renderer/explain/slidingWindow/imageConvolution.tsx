/** The convolution of an image: settings and numbers that a person can change, and what comes of them. */
import { Button, NativeSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Sides } from '../../../engine/layers/fields.ts';
import { type SlidingWindow, slide } from '../../../engine/layers/window.ts';
import { groupDigits } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import { SettingsForm, settingFields } from '../figureSettings.tsx';
import { flatten, toyQuestion, volumeOf } from '../oneLayerNetwork.ts';
import { Answered } from '../questionAnswer.tsx';
import { fill, presets, type Sweep, type SweepSettings } from './presets.ts';
import { flipped, leftoverOf } from './windowGeometry.ts';
import { Stage } from './windowPosition.tsx';

const fields = settingFields({
  size: { initial: 5, max: 12 },
  channels: { initial: 1, max: 4 },
  filters: { initial: 1, max: 4 },
  kernelSize: { initial: 3, max: 7 },
  stride: { initial: 1, max: 6 },
  padding: { initial: 0, max: 4 },
  extra: { initial: 0, max: 6 },
  dilation: { initial: 1, max: 4 },
});

function windowOf({ kernelSize, stride, padding, extra, dilation }: SweepSettings): SlidingWindow {
  const sides: Sides = [padding, padding + extra, padding, padding + extra];
  return {
    kernelSize: [kernelSize, kernelSize],
    stride: [stride, stride],
    dilation: [dilation, dilation],
    sides,
  };
}

export function Plane() {
  const name = useExplain(state => state.preset);
  const [sweep, setSweep] = useState<Sweep>(presets[name]!);
  const [isFlipped, setFlipped] = useState(false);
  return (
    <div className="explain-split">
      <aside className="explain-controls" aria-label="Settings">
        <NativeSelect
          label="Numbers"
          data={Object.keys(presets)}
          value={name}
          onChange={event => useExplain.setState({ preset: event.currentTarget.value })}
        />
        <SettingsForm
          id="sweep"
          fields={fields}
          values={sweep}
          onChange={change => setSweep(before => fill({ ...before, ...change }, before))}
        />
        <NativeSelect
          label="Kernel is laid on"
          data={[
            { value: 'as', label: 'as it is (cross-correlation)' },
            { value: 'flipped', label: 'flipped (convolution)' },
          ]}
          value={isFlipped ? 'flipped' : 'as'}
          onChange={event => setFlipped(event.currentTarget.value === 'flipped')}
        />
        <p className="tiny">
          Mathematics flips the kernel; networks do not, PyTorch’s Conv2d neither. As the kernel is learned,
          it makes no difference to what can be learned.
        </p>
      </aside>
      <Swept sweep={sweep} isFlipped={isFlipped} onChange={setSweep} />
    </div>
  );
}

interface SweptProps {
  sweep: Sweep;
  isFlipped: boolean;
  onChange: (change: (before: Sweep) => Sweep) => void;
}

function Swept({ sweep, isFlipped, onChange }: SweptProps) {
  const window = windowOf(sweep);
  const shape = [sweep.channels, sweep.size, sweep.size] as const;
  const slid = slide(shape, window);
  const question = useMemo(() => {
    const asIs = convolution(sweep, sweep.kernels);
    return 'fault' in slide([sweep.channels, sweep.size, sweep.size], windowOf(sweep)) ? null : asIs;
  }, [sweep]);
  const turned = useMemo(
    () => (question && isFlipped ? convolution(sweep, sweep.kernels.map(flipped)) : null),
    [question, sweep, isFlipped],
  );
  const asked = useAnswer(turned ?? question);
  if ('fault' in slid) {
    return (
      <p className="explain-note" role="status">
        {slid.fault.message}
      </p>
    );
  }
  const laid = isFlipped ? sweep.kernels.map(flipped) : sweep.kernels;
  const edit = (volume: Sweep['input'], c: number, y: number, x: number, value: number) =>
    volume.map((rows, i) => (i === c ? rows.map((row, j) => (j === y ? row.with(x, value) : row)) : rows));
  return (
    <div className="explain-main">
      <Arithmetic why={slid.why} sweep={sweep} window={window} onChange={onChange} />
      <Answered asked={asked}>
        {answer => {
          const found = answer.images[0]!.outputs.layer!;
          // An answer to other numbers than are shown now has another shape.
          if (found.shape[0] !== sweep.filters || found.shape[1] !== slid.extents[0]) return null;
          return (
            <Stage
              input={sweep.input}
              filters={laid}
              biases={sweep.biases}
              output={volumeOf(found.values, found.shape)}
              window={window}
              onEditInput={(c, y, x, value) =>
                onChange(before => ({ ...before, input: edit(before.input, c, y, x, value) }))
              }
              {...(!isFlipped && {
                onEditFilter: (k: number, c: number, y: number, x: number, value: number) =>
                  onChange(before => ({
                    ...before,
                    kernels: before.kernels.map((kernel, i) =>
                      i === k ? edit(kernel, c, y, x, value) : kernel,
                    ),
                  })),
              })}
            />
          );
        }}
      </Answered>
    </div>
  );
}

function convolution(sweep: Sweep, kernels: Sweep['kernels']) {
  const { kernelSize, stride, dilation, sides } = windowOf(sweep);
  return toyQuestion(
    { shape: [sweep.channels, sweep.size, sweep.size], values: flatten(sweep.input) },
    [['Conv2d', 'layer', { outChannels: sweep.filters, kernelSize, stride, dilation, padding: sides }]],
    { 'layer.weight': Float32Array.from(kernels.flat(3)), 'layer.bias': Float32Array.from(sweep.biases) },
  );
}

interface ArithmeticProps {
  why: string;
  sweep: Sweep;
  window: SlidingWindow;
  onChange: (change: (before: Sweep) => Sweep) => void;
}

/** The size of the output, and what the last step leaves unread. */
function Arithmetic({ why, sweep, window, onChange }: ArithmeticProps) {
  const leftover = leftoverOf(sweep.size, window, 0);
  return (
    <div className="explain-arithmetic">
      <p>
        <span className="dim">Size of the output</span> <span className="mono">{groupDigits(why)}</span>
      </p>
      {leftover && (
        <p className="explain-warning">
          A further step would go out of bounds by {leftover.beyond}; the last {leftover.unread} rows and
          columns are never read.{' '}
          <Button onClick={() => onChange(before => ({ ...before, extra: before.extra + leftover.beyond }))}>
            Pad {leftover.beyond} more at the end
          </Button>
        </p>
      )}
    </div>
  );
}
