/**
 * A convolution at one of its positions: what it reads of each input channel, what it multiplies with, and the
 * sum that the engine found. Small images are seen number by number, large ones as pictures with what is read.
 */
import { useMemo, useState } from 'react';
import type { SlidingWindow } from '../../../engine/layers/window.ts';
import { channelHue } from '../figures/channelHues.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { cellText, NumberGrid } from '../figures/numberGrid.tsx';
import type { Volume } from '../oneLayerNetwork.ts';
import { Stepper } from './stepper.tsx';
import { leftoverOf, padded, reads, type Term, termsAt } from './windowGeometry.ts';

export interface StageProps {
  input: Volume;
  /** Filters of channels of rows, as they are laid over the image. */
  filters: readonly Volume[];
  biases: readonly number[];
  /** From the engine: a channel for each filter. */
  output: Volume;
  window: SlidingWindow;
  onEditInput?: (channel: number, row: number, column: number, value: number) => void;
  onEditFilter?: (filter: number, channel: number, row: number, column: number, value: number) => void;
}

/** An image of more rows or columns is shown as a picture. */
const READABLE_SIDE = 14;
/** Of more channels, only the first are written out. */
const MOST_CHANNELS = 6;

export function Stage(props: StageProps) {
  const { input, filters, output, window } = props;
  const [rows, columns] = [output[0]!.length, output[0]![0]!.length];
  const [step, setStep] = useState(0);
  const [filter, setFilter] = useState(0);
  const at = Math.min(step, rows * columns * output.length - 1);
  const chosen = Math.min(filter, filters.length - 1);
  const place = [Math.floor(at / columns) % rows, at % columns] as const;
  const go = (next: number) => setStep(next);
  const isReadable =
    Math.max(input[0]!.length, input[0]![0]!.length) <= READABLE_SIDE && input.length <= MOST_CHANNELS;
  const terms = termsAt(input, filters[chosen]!, window, place);
  const pick = (k: number, row: number, column: number) => {
    setFilter(k);
    setStep(row * columns + column);
  };
  return (
    <div className="stage">
      <Stepper label="Position of the kernel" count={rows * columns} at={at % (rows * columns)} onStep={go} />
      <Sum
        terms={terms}
        bias={props.biases[chosen] ?? 0}
        found={output[chosen]![place[0]]![place[1]]!}
        where={`filter ${chosen + 1}, row ${place[0] + 1}, column ${place[1] + 1}`}
      />
      <div className="stage-columns">
        {isReadable ? (
          <Inputs {...props} place={place} />
        ) : (
          <Pictured input={input} window={window} place={place} />
        )}
        <Filters {...props} terms={terms} chosen={chosen} />
        <div className="stage-column">
          <h2>Output</h2>
          {output.slice(0, MOST_CHANNELS).map((map, k) => (
            <Output
              key={String(k)}
              map={map}
              k={k}
              place={place}
              isChosen={k === chosen}
              onPick={(row, column) => pick(k, row, column)}
            />
          ))}
          {output.length > MOST_CHANNELS && (
            <p className="tiny">and {output.length - MOST_CHANNELS} more channels</p>
          )}
        </div>
      </div>
    </div>
  );
}

function Inputs({ input, window, place, onEditInput }: StageProps & { place: readonly [number, number] }) {
  const [height, width] = [input[0]!.length, input[0]![0]!.length];
  const beyond = [
    leftoverOf(height, window, 0)?.beyond ?? 0,
    leftoverOf(width, window, 1)?.beyond ?? 0,
  ] as const;
  const [top, , left] = window.sides;
  return (
    <div className="stage-column">
      <h2>Input</h2>
      {input.map((channel, c) => {
        const cells = padded(channel, window, beyond);
        return (
          <NumberGrid
            key={String(c)}
            title={`Channel ${c + 1}`}
            rows={cells}
            hue={channelHue(c)}
            mark={(y, x) => {
              if (Number.isNaN(cells[y]![x]!)) return 'beyond';
              if (reads(y, place[0], window, 0) && reads(x, place[1], window, 1)) return 'read';
              const isPadding = y < top || x < left || y >= top + height || x >= left + width;
              return isPadding ? 'padding' : undefined;
            }}
            {...(onEditInput && {
              onEdit: (y: number, x: number, value: number) => onEditInput(c, y - top, x - left, value),
              isEditable: (y: number, x: number) =>
                y >= top && x >= left && y < top + height && x < left + width,
            })}
          />
        );
      })}
    </div>
  );
}

/** An image too large to be read: its channels as pictures, with a frame around what is read. */
function Pictured({
  input,
  window,
  place,
}: Pick<StageProps, 'input' | 'window'> & { place: readonly [number, number] }) {
  const [top, , left] = window.sides;
  const span = (axis: 0 | 1) => window.dilation[axis] * (window.kernelSize[axis] - 1) + 1;
  const frame = [
    place[0] * window.stride[0] - top,
    place[1] * window.stride[1] - left,
    span(0),
    span(1),
  ] as const;
  const maps = useMemo(() => input.slice(0, MOST_CHANNELS).map(mapOf), [input]);
  return (
    <div className="stage-column">
      <h2>Input</h2>
      <div className="stage-pictures">
        {maps.map((map, c) => (
          <HeatMap key={String(c)} label={`Input channel ${c + 1}`} map={map} size={120} frame={frame} />
        ))}
      </div>
      {input.length > MOST_CHANNELS && (
        <p className="tiny">and {input.length - MOST_CHANNELS} more channels</p>
      )}
    </div>
  );
}

interface FiltersProps extends StageProps {
  terms: readonly (readonly Term[])[];
  chosen: number;
}

function Filters({ filters, biases, window, terms, chosen, onEditFilter }: FiltersProps) {
  const width = window.kernelSize[1];
  const rowsOf = (of: (term: Term) => number, c: number) =>
    Array.from({ length: window.kernelSize[0] }, (_, m) =>
      terms[c]!.slice(m * width, (m + 1) * width).map(of),
    );
  const shown = filters[chosen]!.slice(0, MOST_CHANNELS);
  return (
    <div className="stage-column stage-kernels">
      <h2>
        Filter {chosen + 1} of {filters.length}
      </h2>
      <div className="stage-products">
        {shown.map((kernel, c) => (
          <div key={String(c)} className="stage-product">
            <NumberGrid
              title="reads"
              rows={rowsOf(({ x }) => x, c)}
              hue={channelHue(c)}
              mark={() => 'window'}
            />
            <span aria-hidden="true">×</span>
            <NumberGrid
              title={`Kernel for channel ${c + 1}`}
              rows={kernel}
              hue="var(--f-merge)"
              mark={() => 'window'}
              {...(onEditFilter && {
                onEdit: (m: number, n: number, value: number) => onEditFilter(chosen, c, m, n, value),
              })}
            />
            <span aria-hidden="true">=</span>
            <NumberGrid title="products" rows={rowsOf(({ x, w }) => x * w, c)} />
          </div>
        ))}
      </div>
      <p className="tiny">Bias {cellText(biases[chosen] ?? 0)}</p>
    </div>
  );
}

interface OutputProps {
  map: Volume[number];
  k: number;
  place: readonly [number, number];
  isChosen: boolean;
  onPick: (row: number, column: number) => void;
}

function Output({ map, k, place, isChosen, onPick }: OutputProps) {
  const title = `Output of filter ${k + 1}`;
  const isLarge = Math.max(map.length, map[0]!.length) > READABLE_SIDE;
  const pixels = useMemo(() => (isLarge ? mapOf(map) : null), [isLarge, map]);
  if (pixels) {
    return (
      <HeatMap
        label={title}
        map={pixels}
        colouring="signed"
        size={120}
        at={isChosen ? place : null}
        onPick={onPick}
      />
    );
  }
  return (
    <NumberGrid
      title={title}
      rows={map}
      hue="var(--ok)"
      mark={(y, x) => (y === place[0] && x === place[1] ? (isChosen ? 'current' : 'window') : undefined)}
      onPick={onPick}
    />
  );
}

/** A channel as it is painted. */
const mapOf = (rows: Volume[number]) => ({
  height: rows.length,
  width: rows[0]!.length,
  values: Float32Array.from(rows.flat()),
});

/** More terms than this are not written out one by one. */
const MOST_TERMS = 60;

function Sum({
  terms,
  bias,
  found,
  where,
}: {
  terms: readonly (readonly Term[])[];
  bias: number;
  found: number;
  where: string;
}) {
  const sums = terms.map(channel => channel.reduce((sum, { x, w }) => sum + x * w, 0));
  const count = terms.reduce((sum, channel) => sum + channel.length, 0);
  const negative = (value: number) => (value < 0 ? `(${cellText(value)})` : cellText(value));
  return (
    <section className="stage-sum" aria-label="The sum" aria-live="polite">
      <h2>
        The sum <span className="tiny">{where}</span>
      </h2>
      {count <= MOST_TERMS &&
        terms.map((channel, c) => (
          <p key={String(c)} className="mono">
            <i className="swatch" style={{ background: channelHue(c) }} />{' '}
            {channel.map(({ x, w }) => `${negative(x)}·${negative(w)}`).join(' + ')} = {cellText(sums[c]!)}
          </p>
        ))}
      <p className="mono">
        {sums.length <= 8
          ? sums.map(negative).join(' + ')
          : `${sums.length} channels: ${cellText(sums.reduce((a, b) => a + b, 0))}`}
        {` + bias ${negative(bias)} = `}
        <b data-testid="sum">{cellText(found)}</b>
      </p>
    </section>
  );
}
