/** One dataset laid open: its figures, its balance, its images, its report, and what training sees of it. */
import { ActionIcon, NativeSelect, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { DatasetDetail, DatasetSummary, Split } from '../../bridge/datasetCalls.ts';
import { type DatasetView, type ImageFilter, showFiltered, useOpenDataset } from '../store/openDataset.ts';
import { bytes, count, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { AugmentPage } from './augmentPage.tsx';
import { ClassCounts } from './classCounts.tsx';
import { useDatasetDetail } from './datasetDetail.ts';
import { DatasetHead } from './datasetHead.tsx';
import { Report } from './datasetReport.tsx';
import { FLAG_TITLES, ImageCard } from './imageCard.tsx';
import { Rejects } from './rejects.tsx';
import { Thumbnails } from './thumbnails.tsx';

export function DatasetPage({ dataset }: { dataset: DatasetSummary }) {
  const detail = useDatasetDetail(dataset);
  const { view, filter, picked } = useOpenDataset();
  const isPicked = picked.length > 0 && view === 'images';
  return (
    <section className="dataset" aria-label={`Dataset ${dataset.name}`}>
      <DatasetHead dataset={dataset} detail={detail} />
      <Figures dataset={dataset} detail={detail} />
      <div className="dataset-body" data-image={isPicked} data-view={view}>
        {view !== 'augment' && (
          <ClassCounts dataset={dataset} detail={detail} filter={filter} onFilter={showFiltered} />
        )}
        <section className="card dataset-images" aria-label="Images">
          <div className="card-head">
            <SegmentedControl
              aria-label="What is shown"
              value={view}
              onChange={value => useOpenDataset.setState({ view: value as DatasetView })}
              data={[
                { value: 'images', label: 'Images' },
                { value: 'report', label: 'Report' },
                { value: 'rejects', label: `Not used (${count(dataset.rejectCount)})` },
                { value: 'augment', label: 'Augmentation' },
              ]}
            />
            {view === 'images' && <FilterChoice filter={filter} />}
          </div>
          {view === 'images' && <Thumbnails key={JSON.stringify(filter)} dataset={dataset} filter={filter} />}
          {view === 'report' && <Report dataset={dataset} detail={detail} />}
          {view === 'rejects' && <Rejects rejects={detail?.rejects} />}
          {view === 'augment' && <AugmentPage dataset={dataset} />}
        </section>
        {isPicked && <ImageCard dataset={dataset} picked={picked} />}
      </div>
    </section>
  );
}

const ALL_CLASSES = 'all';

function FilterChoice({ filter }: { filter: ImageFilter }) {
  return (
    <div className="dataset-filter">
      {filter.flag && (
        <span className="state">
          {FLAG_TITLES[filter.flag]}
          <ActionIcon size="xs" aria-label="Show all images" onClick={() => showFiltered({})}>
            <IconX size={12} />
          </ActionIcon>
        </span>
      )}
      <NativeSelect
        aria-label="Split"
        value={filter.split ?? ALL_CLASSES}
        onChange={event => {
          const split = event.currentTarget.value;
          showFiltered({ ...filter, split: split === ALL_CLASSES ? null : (split as Split | 'none') });
        }}
        data={[
          { value: ALL_CLASSES, label: 'All splits' },
          { value: 'train', label: 'Training' },
          { value: 'val', label: 'Validation' },
          { value: 'test', label: 'Test' },
          { value: 'none', label: 'Left out' },
        ]}
      />
    </div>
  );
}

function Figures({ dataset, detail }: { dataset: DatasetSummary; detail: DatasetDetail | undefined }) {
  const channels = (values: readonly number[] | undefined) =>
    values?.map(value => value.toFixed(3)).join(' · ') ?? UNKNOWN_FIGURE;
  const features = detail?.featureBytes ?? 0;
  const figures: [label: string, value: string][] = [
    ['Images', count(dataset.count)],
    ['Classes', count(dataset.classes.length)],
    ['Shape', dataset.imageShape.join('×')],
    ['Mean', channels(detail?.mean)],
    ['Standard deviation', channels(detail?.std)],
    [
      'On disk',
      features > 0 ? `${bytes(dataset.bytes)} · features ${bytes(features)}` : bytes(dataset.bytes),
    ],
  ];
  return (
    <dl className="figures dataset-figures">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
