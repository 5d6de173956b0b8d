/** Which images a new project learns from: a dataset that is there, one that is imported now, or a size alone. */
import { Button } from '@mantine/core';
import { IconFolderPlus } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { Images } from '../graphView/zooStarts.ts';
import { chooseFolder, useImports } from '../store/imports.ts';
import { useDocument } from '../store/openDocument.ts';
import { useStudio } from '../store/studioState.ts';
import { chosenDataset } from '../store/trainingRun.ts';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { plural } from '../ui/numberFormat.ts';
import { attempt } from '../ui/toast.tsx';

export type ImagesChoice =
  | { readonly kind: 'dataset'; readonly id: Id }
  /** Channels, height, width and classes, as they were typed. */
  | { readonly kind: 'size'; readonly numbers: readonly unknown[] };

const SIZE_NAMES = ['Channels', 'Height', 'Width', 'Classes'];
const USUAL_SIZES = [3, 32, 32, 10];
const LARGEST_SIZE = 4096;

/** What the choice comes to; null where it is no choice yet. */
export function imagesOf(choice: ImagesChoice): Images | null {
  if (choice.kind === 'dataset') {
    const dataset = useStudio.getState().datasets[choice.id];
    return dataset?.state === 'ready' ? dataset : null;
  }
  const [channels, height, width, classes] = choice.numbers as number[];
  if (!choice.numbers.every(isSize)) return null;
  const named = Array.from({ length: classes! }, (_, i) => `class ${i + 1}`);
  // What they will show is not known yet: it may be anything.
  return {
    name: 'images of this size',
    imageShape: [channels!, height!, width!],
    classes: named,
    boxes: true,
    maskClasses: named,
  };
}

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_SIZE;
}

/** The dataset that the open project learns from, else the latest, else a size. */
export function useFirstChoice(): ImagesChoice {
  const datasets = useStudio(state => state.datasets);
  const document = useDocument(state => state.document);
  const open = chosenDataset(document, datasets) ?? readyOf(datasets)[0];
  return open ? { kind: 'dataset', id: open.id } : { kind: 'size', numbers: USUAL_SIZES };
}

function readyOf(datasets: Readonly<Record<Id, DatasetSummary>>): DatasetSummary[] {
  return Object.values(datasets)
    .filter(({ state }) => state === 'ready')
    .sort((a, b) => b.createdAt - a.createdAt);
}

interface ImagesFormProps {
  choice: ImagesChoice;
  onChange: (choice: ImagesChoice) => void;
}

export function ImagesForm({ choice, onChange }: ImagesFormProps) {
  const datasets = useStudio(state => state.datasets);
  const ready = readyOf(datasets);
  useImported(id => onChange({ kind: 'dataset', id }));
  return (
    <fieldset className="images-form">
      <legend>Images</legend>
      <div className="images-list">
        {ready.map(dataset => (
          <label key={dataset.id} className="images-item">
            <input
              type="radio"
              name="images"
              checked={choice.kind === 'dataset' && choice.id === dataset.id}
              onChange={() => onChange({ kind: 'dataset', id: dataset.id })}
            />
            <span className="truncate">{dataset.name}</span>
            <span className="tiny">
              {dataset.imageShape.join('×')} · {plural(dataset.classes.length, 'class', 'classes')} ·{' '}
              {plural(dataset.count, 'image')}
            </span>
          </label>
        ))}
        <label className="images-item">
          <input
            type="radio"
            name="images"
            checked={choice.kind === 'size'}
            onChange={() => onChange({ kind: 'size', numbers: USUAL_SIZES })}
          />
          <span>A size, data later</span>
        </label>
      </div>
      {choice.kind === 'size' && (
        <SizeForm numbers={choice.numbers} onChange={numbers => onChange({ kind: 'size', numbers })} />
      )}
      <Button
        leftSection={<IconFolderPlus size={15} />}
        onClick={() => attempt(chooseFolder, 'No folder could be chosen')}
      >
        Import a folder…
      </Button>
    </fieldset>
  );
}

interface SizeFormProps {
  numbers: readonly unknown[];
  onChange: (numbers: readonly unknown[]) => void;
}

function SizeForm({ numbers, onChange }: SizeFormProps) {
  return (
    <div className="images-size">
      {SIZE_NAMES.map((name, i) => (
        <div key={name}>
          <span className="tiny" aria-hidden>
            {name}
          </span>
          <NumberInput
            label={name}
            value={numbers[i]}
            invalid={!isSize(numbers[i])}
            counts
            onChange={next => onChange(numbers.map((old, j) => (i === j ? next : old)))}
          />
        </div>
      ))}
      {!numbers.every(isSize) && (
        <p className="field-error" role="status">
          Whole numbers from 1 to {LARGEST_SIZE} are wanted.
        </p>
      )}
    </div>
  );
}

/** What is imported while the dialog is open is what it was imported for. */
function useImported(onArrival: (id: Id) => void): void {
  const arrived = useImports(state => state.arrived);
  const known = useRef(arrived);
  useEffect(() => {
    if (arrived === known.current) return;
    known.current = arrived;
    if (arrived !== null) onArrival(arrived);
  });
}
