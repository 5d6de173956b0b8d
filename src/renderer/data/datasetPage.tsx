/** One dataset laid open: its figures, its balance, its images, and what could not be used. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { DatasetDetail, DatasetSummary, Split } from '../../bridge/contract.ts';
import { studio } from '../store/connection.ts';
import { confirm } from '../ui/confirm.tsx';
import { bytes, count, decimal, plural, UNKNOWN } from '../ui/format.ts';
import { attempt } from '../ui/toast.tsx';
import { ClassCounts } from './classCounts.tsx';
import { ImageCard } from './imageCard.tsx';
import { useDatasetDetail, useOpenDataset } from './openDataset.ts';
import { Rejects } from './rejects.tsx';
import { Thumbnails } from './thumbnails.tsx';
import { trainOn } from './trainOn.ts';

/** What of a dataset is looked at; null: everything. */
export interface ImageFilter {
  split: Split | null;
  label: number | null;
}

export function DatasetPage({ dataset }: { dataset: DatasetSummary }) {
  const detail = useDatasetDetail(dataset);
  const [filter, setFilter] = useState<ImageFilter>({ split: null, label: null });
  const image = useOpenDataset(state => state.image);
  const [view, setView] = useState<'images' | 'rejects'>('images');
  return (
    <section className="dataset" aria-label={`Dataset ${dataset.name}`}>
      <header className="dataset-head">
        <div className="dataset-title">
          <h1 className="truncate">{dataset.name}</h1>
          <p className="tiny truncate">{dataset.source ?? 'Drawn by Receptive'}</p>
        </div>
        <Button leftSection={<IconTrash size={14} />} color="red" onClick={() => deleteDataset(dataset)}>
          Delete
        </Button>
        <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} onClick={() => trainOn(dataset)}>
          Train on this
        </Button>
      </header>
      <Figures dataset={dataset} detail={detail} />
      <div className="dataset-body" data-image={image !== null}>
        <ClassCounts
          dataset={dataset}
          detail={detail}
          filter={filter}
          onFilter={next => {
            setFilter(next);
            setView('images');
          }}
        />
        <section className="card dataset-images" aria-label="Images">
          <div className="card-head">
            <SegmentedControl
              aria-label="What is shown"
              value={view}
              onChange={value => setView(value as typeof view)}
              data={[
                { value: 'images', label: 'Images' },
                { value: 'rejects', label: `Not used (${count(dataset.rejectCount)})` },
              ]}
            />
            {view === 'images' && <SplitChoice filter={filter} onFilter={setFilter} />}
          </div>
          {view === 'images' ? (
            <Thumbnails key={`${filter.split} ${filter.label}`} dataset={dataset} filter={filter} />
          ) : (
            <Rejects rejects={detail?.rejects} />
          )}
        </section>
        {image !== null && <ImageCard dataset={dataset} index={image} />}
      </div>
    </section>
  );
}

const EVERY = 'all';

function SplitChoice({ filter, onFilter }: { filter: ImageFilter; onFilter: (filter: ImageFilter) => void }) {
  return (
    <SegmentedControl
      aria-label="Split"
      value={filter.split ?? EVERY}
      onChange={value => onFilter({ ...filter, split: value === EVERY ? null : (value as Split) })}
      data={[
        { value: EVERY, label: 'All' },
        { value: 'train', label: 'Training' },
        { value: 'val', label: 'Validation' },
        { value: 'test', label: 'Test' },
      ]}
    />
  );
}

function Figures({ dataset, detail }: { dataset: DatasetSummary; detail: DatasetDetail | undefined }) {
  const channels = (values: readonly number[] | undefined) =>
    values?.map(value => decimal(value, 3)).join(' · ') ?? UNKNOWN;
  const figures: [label: string, value: string][] = [
    ['Images', count(dataset.count)],
    ['Classes', count(dataset.classes.length)],
    ['Shape', dataset.imageShape.join('×')],
    ['Mean', channels(detail?.mean)],
    ['Standard deviation', channels(detail?.std)],
    ['On disk', bytes(dataset.bytes)],
  ];
  return (
    <dl className="dataset-figures">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

async function deleteDataset(dataset: DatasetSummary): Promise<void> {
  const text = `${plural(dataset.count, 'image')} leave the studio; the folder that they came from stays as it is. Runs keep their curves, but cannot be resumed.`;
  if (!(await confirm(`Delete ${dataset.name}?`, text, 'Delete the dataset'))) return;
  await attempt(() => studio().deleteDataset(dataset.id), 'The dataset was not deleted');
}
