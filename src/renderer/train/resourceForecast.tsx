/** What a run would take: memory to the byte, time by a few real steps, and what it writes where. */
import { Button, Loader } from '@mantine/core';
import type { Forecast, Preflight } from '../../bridge/trialCalls.ts';
import { useForecast } from '../store/memoryForecast.ts';
import { editTraining, useDocument } from '../store/openDocument.ts';
import { usePreflight } from '../store/runForecast.ts';
import { useStudio } from '../store/studioState.ts';
import { bytes, count, duration, plural, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';

/** @param held what keeps it from being measured, as a sentence; null where nothing does */
export function Takes({ held }: { held: string | null }) {
  const forecast = useForecast(state => state.forecast);
  const { measured, measuring, error } = usePreflight(held !== null);
  return (
    <section className="card takes" aria-label="What it takes">
      <div className="card-head">
        <h2>What it takes</h2>
        {measuring && (
          <span className="tiny takes-busy">
            <Loader size={12} /> a few steps are tried
          </span>
        )}
      </div>
      {forecast && <Memory forecast={forecast} measured={held ? null : measured} />}
      {held === null && error === null ? (
        <Time measured={measured} stale={measuring} />
      ) : (
        <p className="dim">{held ?? error}</p>
      )}
      {forecast && <Files forecast={forecast} />}
    </section>
  );
}

function Memory({ forecast, measured }: { forecast: Forecast; measured: Preflight | null }) {
  const { weightBytes, optimizerBytes, activationBytes } = forecast;
  const rest = Math.max(0, forecast.bytes - weightBytes - optimizerBytes - activationBytes);
  const parts: [label: string, size: number, hue: string][] = [
    ['weights', weightBytes, 'var(--f-conv)'],
    ['gradients and optimizer', optimizerBytes, 'var(--f-norm)'],
    ['activations', activationBytes, 'var(--f-act)'],
    ['programs and threads', rest, 'var(--f-io)'],
  ];
  return (
    <>
      <p className="takes-line">
        <b>{bytes(forecast.bytes)}</b> of memory, exactly.
      </p>
      <div className="takes-bar" aria-hidden>
        {parts.map(([label, size, hue]) => (
          <i key={label} style={{ flexGrow: size, background: hue }} />
        ))}
      </div>
      <ul className="chart-legend">
        {parts.map(([label, size, hue]) => (
          <li key={label}>
            <i className="swatch" style={{ background: hue }} />
            <span className="dim">{label}</span> <b>{bytes(size)}</b>
          </li>
        ))}
      </ul>
      {measured && <Largest largest={measured.largest} />}
    </>
  );
}

function Largest({ largest }: { largest: Preflight['largest'] }) {
  const batchSize = useDocument(state => state.document.training.batchSize);
  if (!largest) {
    return <p className="bad">Not even one image fits: make the network or the images smaller.</p>;
  }
  const isTooLarge = batchSize > largest.batchSize;
  return (
    <p className={isTooLarge ? 'takes-line bad' : 'takes-line'}>
      {largest.all ? 'All training images fit into one batch' : 'The largest batch that fits has'}{' '}
      {!largest.all && <b>{plural(largest.batchSize, 'image')}</b>} ({bytes(largest.bytes)} of{' '}
      {bytes(largest.limit)}).
      {isTooLarge && (
        <Button size="compact-xs" onClick={() => editTraining({ batchSize: largest.batchSize })}>
          Use {count(largest.batchSize)}
        </Button>
      )}
    </p>
  );
}

/** Seconds under which an epoch is not told exactly: what is not measured, as reading, is as long. */
const SHORTEST_EPOCH_SECONDS = 0.1;

function Time({ measured, stale }: { measured: Preflight | null; stale: boolean }) {
  const epochs = useDocument(state => state.document.training.epochs);
  const kept = measured?.keptEpoch ?? null;
  const rest = (kept ?? measured?.epoch ?? 0) * (epochs - 1);
  const figures: [label: string, value: string][] = [
    [kept === null ? 'One epoch' : 'First epoch', measured ? duration(measured.epoch) : UNKNOWN_FIGURE],
    ...(kept === null
      ? []
      : [
          [
            'Then, on kept features',
            kept < SHORTEST_EPOCH_SECONDS ? `under ${duration(SHORTEST_EPOCH_SECONDS)}` : duration(kept),
          ] as [string, string],
        ]),
    [plural(epochs, 'epoch'), measured ? duration(measured.epoch + rest) : UNKNOWN_FIGURE],
    ['Images/s', measured ? count(measured.imagesPerSecond) : UNKNOWN_FIGURE],
  ];
  return (
    <dl className="figures train-figures" data-stale={stale || undefined}>
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Files({ forecast }: { forecast: Forecast }) {
  const workspace = useStudio(state => state.environment?.workspace);
  const { lastBytes, bestBytes, freeBytes } = forecast;
  // While a checkpoint takes the place of another, both are there.
  const most = 3 * lastBytes + 2 * bestBytes;
  return (
    <div className="takes-files">
      <p>
        Writes three checkpoints, the last two (<b>{bytes(lastBytes)}</b> each) and the best (
        <b>{bytes(bestBytes)}</b>), and its curves into
      </p>
      <p className="mono truncate" title={workspace}>
        {workspace}/runs
      </p>
      <p className={most > freeBytes ? 'bad' : 'dim'}>
        {most > freeBytes
          ? `Only ${bytes(freeBytes)} are free there: make room first.`
          : `${bytes(freeBytes)} are free there.`}
      </p>
    </div>
  );
}
