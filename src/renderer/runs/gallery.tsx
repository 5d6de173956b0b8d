/** Images that a run answered, with what it took them for; a click leads to one in the Data place. */
import type { Id } from '../../bridge/ids.ts';
import { imageUrl } from '../store/imageUrl.ts';
import { showImage } from '../store/openDataset.ts';
import { decimal, plural } from '../ui/numberFormat.ts';
import { showMessage } from '../ui/toast.tsx';
import type { Answered } from './evaluations.ts';

interface GalleryProps {
  label: string;
  dataset: Id | null;
  classes: readonly string[];
  answered: Answered | undefined;
}

export function Gallery({ label, dataset, classes, answered }: GalleryProps) {
  if (dataset === null)
    return (
      <p className="dim runs-none">The dataset has changed or gone since: its images cannot be shown.</p>
    );
  if (!answered) return <p className="dim runs-none">Looking for the images…</p>;
  const { images, total } = answered;
  return (
    <section className="answered-images" aria-label={label}>
      <p className="tiny">
        {plural(total, 'image')}
        {images.length < total ? `, the ${images.length} of the largest loss` : ', the largest loss first'}
      </p>
      <ul>
        {images.map(({ index, path, label: truth, answered: taken, loss }) => {
          const name = classes[truth] ?? String(truth);
          const guess = taken === null ? null : (classes[taken] ?? String(taken));
          const text = guess === null || guess === name ? name : `${name}, taken for ${guess}`;
          return (
            <li key={index}>
              <button
                type="button"
                title={`${path}\nloss ${decimal(loss)}`}
                onClick={() => show(dataset, index)}
              >
                <img src={imageUrl(dataset, index)} alt={`${text}, ${path}`} loading="lazy" />
                <span className="truncate">{name}</span>
                {guess !== null && guess !== name && <span className="truncate bad">{guess}</span>}
                <span className="tiny">{decimal(loss, 3)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function show(dataset: Id, index: number): void {
  if (!showImage(dataset, index)) showMessage(`The dataset ${dataset} is not here any more.`);
}
