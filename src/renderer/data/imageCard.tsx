/** The images that are picked, looked at closely: what is known of the last one, and what is to be said of all. */
import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { DatasetImage, DatasetSummary, ImageFlag, Split } from '../../bridge/datasetCalls.ts';
import { imageUrl, maskUrl } from '../store/imageUrl.ts';
import { showFiltered, useOpenDataset } from '../store/openDataset.ts';
import { count, plural } from '../ui/numberFormat.ts';
import { useDatasetImage } from './datasetDetail.ts';
import { editImages } from './datasetEdits.ts';
import { Picture } from './labelledImage.tsx';
import { SPLITS, splitTitle } from './splits.ts';

export const FLAG_TITLES: Readonly<Record<ImageFlag, string>> = {
  duplicate: 'Copies of another image',
  near: 'Nearly a copy of another image',
  leak: 'Copies in several splits',
  constant: 'One colour alone',
  extreme: 'Very long or very wide',
};

interface ImageCardProps {
  dataset: DatasetSummary;
  picked: readonly number[];
}

export function ImageCard({ dataset, picked }: ImageCardProps) {
  const index = picked.at(-1)!;
  const image = useDatasetImage(dataset, index);
  const title = picked.length > 1 ? plural(picked.length, 'image') : (image?.path ?? 'Image');
  return (
    <section className="card image-card" aria-label="Picked images">
      <div className="card-head">
        <h2 className="truncate" title={title}>
          {title}
        </h2>
        <ActionIcon aria-label="Close the image" onClick={() => useOpenDataset.setState({ picked: [] })}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {image && (
        <>
          <Picture
            src={imageUrl(dataset.id, image.index)}
            alt={`${dataset.classes[image.label]}, ${image.path}, enlarged`}
            shape={dataset.imageShape}
            box={image.box}
            mask={dataset.maskClasses.length > 0 ? maskUrl(dataset.id, image.index) : undefined}
          />
          <Editing dataset={dataset} image={image} picked={picked} />
          <Facts image={image} />
        </>
      )}
    </section>
  );
}

interface EditingProps extends ImageCardProps {
  image: DatasetImage;
}

/** What is said here is said of all that are picked. */
function Editing({ dataset, image, picked }: EditingProps) {
  const names = plural(picked.length, 'image');
  const relabel = (label: number) =>
    editImages(
      dataset.id,
      `${names} now ${dataset.classes[label]}`,
      picked.map(index => ({ index, label })),
    );
  const move = (split: Split | null) =>
    editImages(
      dataset.id,
      split === null ? `${names} left out` : `${names} moved to ${splitTitle(split)}`,
      picked.map(index => ({ index, split })),
    );
  return (
    <div className="image-editing">
      <NativeSelect
        label="Class"
        value={String(image.label)}
        data={dataset.classes.map((name, label) => ({ value: String(label), label: name }))}
        onChange={event => relabel(Number(event.currentTarget.value))}
      />
      <NativeSelect
        label="Split"
        value={image.split ?? ''}
        data={[
          ...SPLITS.map(({ split, title }) => ({ value: split as string, label: title })),
          { value: '', label: 'left out' },
        ]}
        onChange={event => move((event.currentTarget.value || null) as Split | null)}
      />
      <Button onClick={() => move(image.split === null ? 'train' : null)}>
        {image.split === null ? 'Take back' : 'Leave out'}
      </Button>
    </div>
  );
}

function Facts({ image }: { image: DatasetImage }) {
  return (
    <>
      {image.flags.length > 0 && (
        <ul className="image-flags">
          {image.flags.map(flag => (
            <li key={flag}>
              <button type="button" className="link" onClick={() => showFiltered({ flag })}>
                {FLAG_TITLES[flag]}
              </button>
            </li>
          ))}
        </ul>
      )}
      {image.width > 0 && (
        <p className="tiny">
          The file is {count(image.width)} × {count(image.height)} pixels.
        </p>
      )}
      <p className="tiny">Ctrl+click picks several: what is said here is said of all.</p>
    </>
  );
}
