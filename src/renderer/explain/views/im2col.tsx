/** im2col laid open: windows as columns, filters as rows, one matrix product; and what it costs in memory. */
import { useMemo, useState } from 'react';
import { initialValues } from '../../../engine/layers/fields.ts';
import { slide } from '../../../engine/layers/window.ts';
import { bytes, count, decimal } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { SettingsForm, settingFields } from '../figureSettings.tsx';
import { NumberGrid } from '../figures/numberGrid.tsx';
import { flatten, toyQuestion, type Volume, volumeOf } from '../oneLayerNetwork.ts';
import { Answered } from '../questionAnswer.tsx';
import { Stepper } from '../slidingWindow/stepper.tsx';
import { chanceVolume, termsAt } from '../slidingWindow/windowGeometry.ts';
import { ENGINE_BLOCK, type Im2colSettings, im2colFigures } from './im2colFigures.ts';

/** AlexNet's first layer to begin with, as in the notes. */
const fields = settingFields({
  size: { initial: 227, max: 4096 },
  channels: { initial: 3, max: 4096 },
  filters: { initial: 96, max: 4096 },
  kernelSize: { initial: 11, max: 64 },
  stride: { initial: 4, max: 64 },
  padding: { initial: 0, max: 64 },
});

export function Im2colView() {
  const [settings, setSettings] = useState(initialValues(fields));
  const { size, channels, kernelSize, stride, padding } = settings;
  const window = {
    kernelSize: [kernelSize, kernelSize],
    stride: [stride, stride],
    dilation: [1, 1],
    sides: [padding, padding, padding, padding],
  } as const;
  const slid = slide([channels, size, size], window);
  return (
    <div className="explain-split">
      <aside className="explain-controls" aria-label="Settings">
        <SettingsForm
          id="im2col"
          fields={fields}
          values={settings}
          onChange={change => setSettings({ ...settings, ...change })}
        />
      </aside>
      <div className="explain-main">
        {'fault' in slid ? (
          <p className="explain-note">{slid.fault.message}</p>
        ) : (
          <Figures settings={settings} extent={slid.extents[0]} why={slid.why} />
        )}
        <Small />
      </div>
    </div>
  );
}

function Figures({ settings, extent, why }: { settings: Im2colSettings; extent: number; why: string }) {
  const { channels, filters, kernelSize } = settings;
  const { rows, columns, columnBytes, imageBytes, weightBytes, outputBytes } = im2colFigures(
    settings,
    extent,
  );
  return (
    <>
      <ol className="im2col" aria-label="As one matrix product">
        <Matrix
          title="Filters as rows"
          rows={filters}
          columns={rows}
          why={`${kernelSize}·${kernelSize}·${channels} = ${count(rows)}`}
          hue="var(--f-merge)"
        />
        <li aria-hidden="true">×</li>
        <Matrix
          title="Windows as columns"
          rows={rows}
          columns={columns}
          why={`${extent}·${extent} = ${count(columns)}`}
          hue="var(--f-conv)"
        />
        <li aria-hidden="true">=</li>
        <Matrix
          title="Output"
          rows={filters}
          columns={columns}
          why={`back to ${extent}×${extent}×${filters}`}
          hue="var(--ok)"
        />
      </ol>
      <p className="mono">{why}</p>
      <table className="facts">
        <caption>Memory, as float32</caption>
        <tbody>
          <tr>
            <th scope="row">The image</th>
            <td>{bytes(imageBytes)}</td>
            <td />
          </tr>
          <tr>
            <th scope="row">Its windows as columns</th>
            <td>{bytes(columnBytes)}</td>
            <td>
              {decimal(columnBytes / imageBytes, 3)} times the image: windows overlap, and each keeps a copy
            </td>
          </tr>
          <tr>
            <th scope="row">The filters</th>
            <td>{bytes(weightBytes)}</td>
            <td />
          </tr>
          <tr>
            <th scope="row">The output</th>
            <td>{bytes(outputBytes)}</td>
            <td />
          </tr>
          <tr>
            <th scope="row">This engine instead</th>
            <td>{bytes(ENGINE_BLOCK.bytes)}</td>
            <td>
              a thread: {ENGINE_BLOCK.windows} windows × {ENGINE_BLOCK.depth} numbers at a time are copied,
              multiplied, and written over by the next. The matrix is never whole.
            </td>
          </tr>
        </tbody>
      </table>
    </>
  );
}

interface MatrixProps {
  title: string;
  rows: number;
  columns: number;
  why: string;
  hue: string;
}

/** A matrix as a rectangle; its sides grow with the logarithm, so that all three can be seen beside each other. */
function Matrix({ title, rows, columns, why, hue }: MatrixProps) {
  const side = (extent: number) => 18 + 16 * Math.log2(extent + 1);
  return (
    <li className="im2col-matrix">
      <span className="dim">{title}</span>
      <i style={{ height: side(rows) / 1.6, width: side(columns), background: hue }} />
      <b>
        {rows}×{columns}
      </b>
      <span className="tiny">{why}</span>
    </li>
  );
}

const SMALL_EXAMPLE = { channels: 2, size: 4, kernel: 2, filters: 2, stride: 1 } as const;
const SMALL_WINDOW = {
  kernelSize: [SMALL_EXAMPLE.kernel, SMALL_EXAMPLE.kernel],
  stride: [1, 1],
  dilation: [1, 1],
  sides: [0, 0, 0, 0],
} as const;

/** The same with numbers: the convolution and the product, both from the engine. */
function Small() {
  const [at, setAt] = useState(0);
  const { image, kernels, columns } = useMemo(smallNumbers, []);
  const [convolved, multiplied] = useMemo(
    () => smallQuestions(image, kernels, columns),
    [image, kernels, columns],
  );
  const asked = useAnswer(convolved);
  const product = useAnswer(multiplied);
  const extent = SMALL_EXAMPLE.size - SMALL_EXAMPLE.kernel + 1;
  const [row, column] = [Math.floor(at / extent), at % extent];
  const isRead = (y: number, x: number) => y - row >= 0 && y - row < 2 && x - column >= 0 && x - column < 2;
  return (
    <section className="explain-main" aria-label="With numbers">
      <h2>With numbers: 4×4×2, two filters of 2×2</h2>
      <Stepper label="Window" count={extent * extent} at={at} onStep={setAt} />
      <div className="stage-columns">
        <div className="stage-column">
          {image.map((rows, c) => (
            <NumberGrid
              key={String(c)}
              title={`Channel ${c + 1}`}
              rows={rows}
              hue="var(--f-conv)"
              mark={(y, x) => (isRead(y, x) ? 'read' : undefined)}
            />
          ))}
        </div>
        <NumberGrid
          title="Windows as columns"
          rows={columns}
          hue="var(--f-conv)"
          mark={(_y, x) => (x === at ? 'read' : undefined)}
          onPick={(_y, x) => setAt(x)}
        />
        <NumberGrid
          title="Filters as rows"
          rows={kernels.map(kernel => kernel.flat(2))}
          hue="var(--f-merge)"
          mark={() => 'window'}
        />
      </div>
      <div className="stage-columns">
        <Answered asked={product}>
          {answer => {
            const { values, shape } = answer.images[0]!.outputs.layer!;
            return (
              <NumberGrid
                title="Their product"
                rows={volumeOf(values, shape).map(([line]) => line!)}
                hue="var(--ok)"
                mark={(_y, x) => (x === at ? 'current' : undefined)}
              />
            );
          }}
        </Answered>
        <Answered asked={asked}>
          {answer => {
            const { values, shape } = answer.images[0]!.outputs.layer!;
            return volumeOf(values, shape).map((map, k) => (
              <NumberGrid
                key={String(k)}
                title={`Convolution, filter ${k + 1}`}
                rows={map}
                hue="var(--ok)"
                mark={(y, x) => (y === row && x === column ? 'current' : undefined)}
              />
            ));
          }}
        </Answered>
      </div>
    </section>
  );
}

function smallNumbers() {
  const { channels, size, kernel, filters } = SMALL_EXAMPLE;
  const image = chanceVolume(3, [channels, size, size], [0, 3]);
  const kernels = Array.from({ length: filters }, (_, k) =>
    chanceVolume(k + 7, [channels, kernel, kernel], [-1, 2]),
  );
  const extent = size - kernel + 1;
  const windows = Array.from({ length: extent * extent }, (_, i) =>
    termsAt(image, kernels[0]!, SMALL_WINDOW, [Math.floor(i / extent), i % extent])
      .flat()
      .map(({ x }) => x),
  );
  const columns = windows[0]!.map((_, r) => windows.map(window => window[r]!));
  return { image, kernels, columns };
}

function smallQuestions(image: Volume, kernels: readonly Volume[], columns: readonly (readonly number[])[]) {
  const weight = Float32Array.from(kernels.flat(3));
  const { channels, size, kernel, filters } = SMALL_EXAMPLE;
  const layer = { outChannels: filters, padding: [0, 0, 0, 0], bias: false };
  return [
    toyQuestion(
      { shape: [channels, size, size], values: flatten(image) },
      [['Conv2d', 'layer', { ...layer, kernelSize: [kernel, kernel] }]],
      { 'layer.weight': weight },
    ),
    // A product of matrices is a 1×1 convolution: each column is a pixel, its rows are channels.
    toyQuestion(
      { shape: [columns.length, 1, columns[0]!.length], values: Float32Array.from(columns.flat()) },
      [['Conv2d', 'layer', { ...layer, kernelSize: [1, 1] }]],
      { 'layer.weight': weight },
    ),
  ] as const;
}
