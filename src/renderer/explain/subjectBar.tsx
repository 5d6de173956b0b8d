/** What the open view looks at: whose weights, and which image; chosen once for all views. */

import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import type { CheckpointKind } from '../../bridge/explainCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { imageUrl } from '../store/imageUrl.ts';
import { isActive } from '../store/studioState.ts';
import { complain, refuse } from '../ui/toast.tsx';
import { useExplain } from './explainState.ts';
import { useChosenWeights, useDataset, useImage, useProjectRuns } from './explainSubject.ts';
import { isImage, type NamedFile, NO_IMAGE, useGivenFiles } from './givenFiles.ts';

export function SubjectBar({ wants }: { wants: readonly ('weights' | 'image')[] }) {
  return (
    <div className="explain-subject">
      {wants.includes('weights') && <WeightsChoice />}
      {wants.includes('image') && <ImageChoice />}
    </div>
  );
}

const SEED_WEIGHTS = 'seed';

function WeightsChoice() {
  const runs = useProjectRuns();
  const chosen = useChosenWeights();
  const data = [
    { value: SEED_WEIGHTS, label: 'Random, as training starts' },
    ...runs.flatMap(run =>
      (['last', 'best'] as const).map(kind => ({
        value: `${run.id} ${kind}`,
        label: `${run.name}, ${isActive(run) && kind === 'last' ? 'as it learns' : kind}`,
      })),
    ),
  ];
  return (
    <NativeSelect
      aria-label="Weights"
      data={data}
      value={chosen === 'seed' ? SEED_WEIGHTS : `${chosen.run} ${chosen.kind}`}
      onChange={event => {
        const [run, kind] = event.currentTarget.value.split(' ') as ['seed' | Id, CheckpointKind];
        useExplain.setState({ weights: run === SEED_WEIGHTS ? 'seed' : { run, kind } });
      }}
    />
  );
}

function ImageChoice() {
  const dataset = useDataset();
  const image = useImage();
  const { own, index } = useExplain();
  const file = useRef<HTMLInputElement>(null);
  useGivenFiles(takeFirst);
  const go = (step: number) => {
    if (dataset) useExplain.setState({ own: null, index: (index + step + dataset.count) % dataset.count });
  };
  const label = image?.facts && dataset ? dataset.classes[image.facts.label] : undefined;
  return (
    <fieldset className="explain-image" aria-label="Image">
      {dataset && !own && (
        <>
          <ActionIcon aria-label="Previous image" onClick={() => go(-1)}>
            <IconArrowLeft size={15} />
          </ActionIcon>
          <img src={imageUrl(dataset.id, index)} alt={`${label ?? ''} ${image?.name ?? ''}`} />
          <ActionIcon aria-label="Next image" onClick={() => go(1)}>
            <IconArrowRight size={15} />
          </ActionIcon>
          <span className="truncate dim">{label ?? `image ${index + 1}`}</span>
        </>
      )}
      {own && (
        <>
          <span className="truncate">{own.name}</span>
          {dataset && (
            <ActionIcon
              aria-label="Back to the dataset’s images"
              onClick={() => useExplain.setState({ own: null })}
            >
              <IconX size={14} />
            </ActionIcon>
          )}
        </>
      )}
      <Button
        onClick={() => file.current?.click()}
        title="Any image file; one can be dropped or pasted, too."
      >
        Open an image
      </Button>
      <input
        ref={file}
        type="file"
        accept="image/*"
        hidden
        aria-label="Image file"
        onChange={event => {
          const [chosen] = event.target.files ?? [];
          if (chosen) void takeImage(chosen);
          event.target.value = '';
        }}
      />
    </fieldset>
  );
}

/** Makes a file the image that views look at. */
async function takeImage(file: File): Promise<void> {
  try {
    useExplain.setState({ own: { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) } });
  } catch (error) {
    complain(error, 'The image could not be read');
  }
}

/** One that is dropped or pasted. */
function takeFirst(files: readonly NamedFile[]): void {
  const image = files.find(isImage);
  if (image) void takeImage(image.file);
  else refuse(NO_IMAGE);
}
