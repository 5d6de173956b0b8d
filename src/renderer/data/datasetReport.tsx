/** What is worth knowing of a dataset before it is trained on. What is counted leads to the images. */
import type { DatasetDetail, DatasetReport, DatasetSummary, ImageFlag } from '../../bridge/datasetCalls.ts';
import { showFiltered } from '../store/openDataset.ts';
import { bytes, count, decimal, plural } from '../ui/numberFormat.ts';
import { ScrollRegion } from '../ui/scrollRegion.tsx';
import { FLAG_TITLES } from './imageCard.tsx';

const FLAGS: readonly ImageFlag[] = ['leak', 'duplicate', 'near', 'constant', 'extreme'];
const MOST_LISTED_SIZES = 8;
/** With fewer images to train on, a class is hardly learned. */
const FEW_TRAINING_IMAGES = 10;
/** Width over height, the borders of bins. */
const ASPECTS = [0.25, 0.5, 0.75, 0.95, 1.05, 1.33, 2, 4];

export function Report({ dataset, detail }: { dataset: DatasetSummary; detail: DatasetDetail | undefined }) {
  if (!detail) return null;
  const { report } = detail;
  return (
    <ScrollRegion label="Report">
      <div className="report">
        <Findings dataset={dataset} detail={detail} />
        <section>
          <h3>How it was imported</h3>
          <p>Images are {detail.preparation}.</p>
          {report.notes.map(note => (
            <p key={note}>{note}</p>
          ))}
          <p className="dim">
            {dataset.bytes === 0
              ? 'The cache is cleared; it is filled when it is needed.'
              : `The cache takes ${bytes(dataset.bytes)}.`}
          </p>
        </section>
        <Bars title="Sizes of the files" rows={sizeRows(report)} />
        <Bars title="Width over height" rows={aspectRows(report)} />
      </div>
    </ScrollRegion>
  );
}

function Findings({ dataset, detail }: { dataset: DatasetSummary; detail: DatasetDetail }) {
  const { report, classCounts } = detail;
  const found = FLAGS.filter(flag => report.flags[flag] > 0);
  const small = [...classCounts.train.entries()].filter(
    ([, images]) => images > 0 && images < FEW_TRAINING_IMAGES,
  );
  const isClean =
    [found, small, report.uncovered].every(list => list.length === 0) && dataset.rejectCount === 0;
  return (
    <section>
      <h3>Findings</h3>
      {isClean && <p>No file was unusable, and no image is suspicious.</p>}
      <ul className="report-findings">
        {found.map(flag => (
          <li key={flag}>
            <button type="button" className="link" onClick={() => showFiltered({ flag })}>
              {FLAG_TITLES[flag]}
            </button>
            <b>{count(report.flags[flag])}</b>
          </li>
        ))}
        {report.uncovered.map(label => (
          <li key={`class ${label}`}>
            <button type="button" className="link" onClick={() => showFiltered({ label })}>
              {dataset.classes[label]} has images in some splits only
            </button>
          </li>
        ))}
        {small.map(([label, images]) => (
          <li key={`few ${label}`}>
            <button type="button" className="link" onClick={() => showFiltered({ label, split: 'train' })}>
              {dataset.classes[label]} has few images to train on
            </button>
            <b>{count(images)}</b>
          </li>
        ))}
        {dataset.rejectCount > 0 && <li>{plural(dataset.rejectCount, 'file')} could not be used.</li>}
      </ul>
    </section>
  );
}

type Row = readonly [name: string, count: number];

function sizeRows({ sizes }: DatasetReport): Row[] {
  const rows = sizes
    .slice(0, MOST_LISTED_SIZES)
    .map((size): Row => [`${size.width} × ${size.height}`, size.count]);
  const others = sizes.slice(MOST_LISTED_SIZES);
  const rest = others.reduce((sum, size) => sum + size.count, 0);
  return rest > 0 ? [...rows, [`${count(others.length)} other sizes`, rest]] : rows;
}

function aspectRows({ sizes }: DatasetReport): Row[] {
  const counts = new Array<number>(ASPECTS.length + 1).fill(0);
  for (const size of sizes) {
    const bin = ASPECTS.findIndex(border => size.width / size.height < border);
    counts[bin < 0 ? ASPECTS.length : bin]! += size.count;
  }
  const name = (bin: number) => {
    if (bin === 0) return `under ${decimal(ASPECTS[0]!, 3)}`;
    if (bin === ASPECTS.length) return `from ${decimal(ASPECTS.at(-1)!, 3)}`;
    return `${decimal(ASPECTS[bin - 1]!, 3)} to ${decimal(ASPECTS[bin]!, 3)}`;
  };
  return counts.flatMap((each, bin): Row[] => (each > 0 ? [[name(bin), each]] : []));
}

function Bars({ title, rows }: { title: string; rows: readonly Row[] }) {
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map(([, each]) => each));
  return (
    <section>
      <h3>{title}</h3>
      <ul className="report-bars" aria-label={title}>
        {rows.map(([name, each]) => (
          <li key={name}>
            <span>{name}</span>
            <span className="class-bar">
              <i style={{ width: `${(100 * each) / most}%`, background: 'var(--f-conv)' }} />
            </span>
            <b>{count(each)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
