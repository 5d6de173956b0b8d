/** One image looked at closely: large, with its box, and what is known of it. */
import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { DatasetImage, DatasetSummary, Split } from '../../bridge/contract.ts';
import { imageUrl } from './imageUrl.ts';
import { useDatasetImage, useOpenDataset } from './openDataset.ts';

export const SPLIT_TITLES: Readonly<Record<Split, string>> = {
  train: 'training',
  val: 'validation',
  test: 'test',
};

export function ImageCard({ dataset, index }: { dataset: DatasetSummary; index: number }) {
  const image = useDatasetImage(dataset.id, index);
  return (
    <section className="card image-card" aria-label="Image">
      <div className="card-head">
        <h2 className="truncate">{image?.path ?? 'Image'}</h2>
        <ActionIcon aria-label="Close the image" onClick={() => useOpenDataset.setState({ image: null })}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {image && (
        <>
          <Picture dataset={dataset} image={image} />
          <dl className="image-facts">
            <dt>Class</dt>
            <dd>{dataset.classes[image.label]}</dd>
            <dt>Split</dt>
            <dd>{image.split === null ? 'left out' : SPLIT_TITLES[image.split]}</dd>
          </dl>
        </>
      )}
    </section>
  );
}

function Picture({ dataset, image }: { dataset: DatasetSummary; image: DatasetImage }) {
  const [, height, width] = dataset.imageShape;
  return (
    <div className="image-large" style={{ aspectRatio: `${width} / ${height}` }}>
      <img src={imageUrl(dataset.id, image.index)} alt={`${dataset.classes[image.label]}, ${image.path}`} />
      {image.box && (
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          <rect
            x={image.box[0]}
            y={image.box[1]}
            width={image.box[2]}
            height={image.box[3]}
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      )}
    </div>
  );
}
