/** The Data place: datasets on the left, the chosen one laid open on the right. Folders can be dropped anywhere. */
import { Button } from '@mantine/core';
import { IconFolderPlus, IconPhoto } from '@tabler/icons-react';
import { useState } from 'react';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import { chooseFolder } from '../store/imports.ts';
import { openDataset, useOpenDataset } from '../store/openDataset.ts';
import { useDocument } from '../store/openDocument.ts';
import { useStudio } from '../store/studioState.ts';
import { chosenDataset } from '../store/trainingRun.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt } from '../ui/toast.tsx';
import { DatasetPage } from './datasetPage.tsx';
import { importDropped } from './importing.ts';
import { Jobs } from './importJobs.tsx';
import { Partial } from './interruptedImport.tsx';
import './data.css';
import './dataset.css';

export function DataPlace() {
  const [isOver, setIsOver] = useState(false);
  const datasets = useStudio(state => state.datasets);
  const document = useDocument(state => state.document);
  const chosen = useOpenDataset(state => state.id);
  const ready = Object.values(datasets)
    .filter(({ state }) => state === 'ready')
    .sort((a, b) => b.createdAt - a.createdAt);
  const interrupted = Object.values(datasets).filter(({ state }) => state === 'partial');
  const damaged = Object.values(datasets).filter(({ state }) => state === 'damaged');
  const open = ready.find(({ id }) => id === chosen) ?? chosenDataset(document, datasets) ?? ready[0];
  return (
    <main
      className="data"
      data-over={isOver}
      onDragOver={event => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={event => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false);
      }}
      onDrop={event => {
        event.preventDefault();
        setIsOver(false);
        void importDropped(event.dataTransfer);
      }}
    >
      <aside className="data-list" aria-label="Datasets">
        <div className="data-list-head">
          <h1>Datasets</h1>
          <Button leftSection={<IconFolderPlus size={15} />} onClick={choose}>
            Import a folder
          </Button>
        </div>
        <Jobs />
        {interrupted.map(dataset => (
          <Partial key={dataset.id} dataset={dataset} />
        ))}
        {damaged.map(({ id, name }) => (
          <p key={id} className="tiny bad">
            The record of {name} cannot be read: put back a backup of the workspace.
          </p>
        ))}
        {ready.map(dataset => (
          <DatasetItem
            key={dataset.id}
            dataset={dataset}
            isOpen={dataset === open}
            isTrainedOn={dataset.name === document.dataset}
          />
        ))}
        <p className="tiny data-hint">A folder can also be dropped here.</p>
      </aside>
      {open ? <DatasetPage key={open.id} dataset={open} /> : <NoDataset />}
    </main>
  );
}

interface DatasetItemProps {
  dataset: DatasetSummary;
  isOpen: boolean;
  isTrainedOn: boolean;
}

function DatasetItem({ dataset, isOpen, isTrainedOn }: DatasetItemProps) {
  return (
    <button
      type="button"
      className="data-item"
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => openDataset(dataset.id)}
    >
      <span className="data-item-name truncate">{dataset.name}</span>
      {isTrainedOn && <span className="state">in use</span>}
      <span className="tiny">
        {plural(dataset.count, 'image')} · {plural(dataset.classes.length, 'class', 'classes')} ·{' '}
        {dataset.imageShape.join('×')}
      </span>
    </button>
  );
}

function NoDataset() {
  return (
    <section className="empty">
      <IconPhoto size={36} stroke={1.2} />
      <h2>No images yet</h2>
      <p>
        Import a folder that holds one folder for each class: <i>cats</i>, <i>dogs</i>, … Images with a CSV, a
        COCO JSON or masks, and files of the MNIST and CIFAR families are read too. What cannot be used is
        named, and the rest is imported.
      </p>
      <div className="actions">
        <Button variant="filled" leftSection={<IconFolderPlus size={15} />} onClick={choose}>
          Import a folder
        </Button>
      </div>
    </section>
  );
}

const choose = () => attempt(chooseFolder, 'No folder could be chosen');
