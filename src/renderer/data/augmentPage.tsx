/**
 * What chance does to the training images, tried on the user's own. The steps are the open project's; the images
 * come from the kernels that train, by the seed that trains. A step that is switched off leaves the project, and
 * waits here at its place.
 */

import { ActionIcon, Button, NativeSelect, Switch } from '@mantine/core';
import { IconArrowsShuffle, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { AugmentedImage, DatasetImage, DatasetSummary } from '../../bridge/datasetCalls.ts';
import { augmentationKind, augmentationKinds } from '../../engine/augmentations/registry.ts';
import type { Training } from '../../engine/graph/document.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import { studio } from '../store/connection.ts';
import { imageUrl, maskUrl } from '../store/imageUrl.ts';
import { useOpenDataset } from '../store/openDataset.ts';
import { editTraining, endGesture, useDocument } from '../store/openDocument.ts';
import { ChosenKind } from '../ui/fields/chosenKind.tsx';
import { FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { Refusal } from '../ui/refusalText.tsx';
import { complain } from '../ui/toast.tsx';
import { Picture } from './labelledImage.tsx';

type Step = Training['augmentations'][number];

/** Images and epochs that are shown. */
const PREVIEWED_IMAGES = 6;
const PREVIEWED_EPOCHS = 4;
/** Milliseconds without another change before the images are asked for. */
const PREVIEW_DELAY_MS = 150;

/** Steps that are switched off, each with the number of steps before it that are on. */
const useParked = create<{ parked: readonly { at: number; step: Step }[] }>(() => ({ parked: [] }));

export function forgetParked(): void {
  useParked.setState({ parked: [] });
}

export function AugmentPage({ dataset }: { dataset: DatasetSummary }) {
  return (
    <div className="augment">
      <Steps />
      <PreviewWall dataset={dataset} />
    </div>
  );
}

const change = (augmentations: Step[], gesture?: string) => editTraining({ augmentations }, gesture);

function Steps() {
  const steps = useDocument(state => state.document.training.augmentations);
  const seed = useDocument(state => state.document.training.seed);
  const parked = useParked(state => state.parked);
  const parkedAt = (at: number) =>
    parked.filter(each => each.at === at || (at === steps.length && each.at > at));
  return (
    <section className="augment-steps" aria-label="Augmentation">
      {[...steps, null].map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is known by its place alone
        <div key={index}>
          {parkedAt(index).map(each => (
            <div key={`${each.at} ${each.step.kind}`} className="augment-step">
              <Switch label={each.step.kind} checked={false} onChange={() => switchOn(each, index)} />
            </div>
          ))}
          {step && <StepForm step={step} index={index} steps={steps} />}
        </div>
      ))}
      <NativeSelect
        aria-label="Add an augmentation"
        value=""
        data={[{ value: '', label: 'Add a step…' }, ...augmentationKinds().map(({ kind }) => kind)]}
        onChange={event => {
          const kind = augmentationKind(event.currentTarget.value);
          if (!kind) return;
          const params = initialValues(kind.fields) as Step['params'];
          change([...steps, { kind: kind.kind, params }]);
        }}
      />
      <FieldRow id="augment-seed" label="Seed" help="Of the whole training: the same seed, the same chances.">
        <NumberInput
          id="augment-seed"
          value={seed}
          invalid={false}
          counts
          onChange={value => {
            if (typeof value === 'number' && Number.isInteger(value) && value >= 0)
              editTraining({ seed: value }, 'augment seed');
          }}
          onDone={endGesture}
        />
      </FieldRow>
    </section>
  );
}

function switchOn(parked: { at: number; step: Step }, index: number): void {
  const steps = useDocument.getState().document.training.augmentations;
  change([...steps.slice(0, index), parked.step, ...steps.slice(index)]);
  useParked.setState(state => ({ parked: state.parked.filter(each => each !== parked) }));
}

interface StepFormProps {
  step: Step;
  index: number;
  steps: readonly Step[];
}

function StepForm({ step, index, steps }: StepFormProps) {
  const without = steps.filter((_, at) => at !== index);
  return (
    <div className="augment-step">
      <div className="augment-step-head">
        <Switch
          label={step.kind}
          checked
          onChange={() => {
            useParked.setState(({ parked }) => ({ parked: [...parked, { at: index, step }] }));
            change(without);
          }}
        />
        <ActionIcon aria-label={`Remove ${step.kind}`} onClick={() => change(without)}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      <ChosenKind
        id={`preview-${index}`}
        kinds={augmentationKinds()}
        chosen={step}
        onChange={(next, gesture) => change(steps.with(index, next), gesture)}
        onDone={endGesture}
      />
    </div>
  );
}

function PreviewWall({ dataset }: { dataset: DatasetSummary }) {
  const [round, setRound] = useState(0);
  const images = useShownImages(dataset, round);
  const { rows, error } = usePreview(dataset, images);
  return (
    <section className="augment-wall" aria-label="Preview">
      <div className="augment-bar">
        <p className="dim">
          Each row is one image: as it is, then as the first epochs see it. What asks the network, as FGSM
          does, cannot be shown.
        </p>
        <Button leftSection={<IconArrowsShuffle size={14} />} onClick={() => setRound(round + 1)}>
          Other images
        </Button>
      </div>
      <Refusal why={error} />
      <div className="augment-grid">
        {images.map((image, at) => (
          <div key={image.index} className="augment-row">
            <Picture
              src={imageUrl(dataset.id, image.index)}
              alt={`${image.path}, as it is`}
              shape={dataset.imageShape}
              box={image.box}
              mask={dataset.maskClasses.length > 0 ? maskUrl(dataset.id, image.index) : undefined}
            />
            {rows.map((row, epoch) => (
              <Shown
                // biome-ignore lint/suspicious/noArrayIndexKey: the index is the epoch
                key={epoch}
                image={row[at]}
                dataset={dataset}
                name={`${image.path}, epoch ${epoch + 1}`}
              />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

/** The images that are picked, else some that train. */
function useShownImages(dataset: DatasetSummary, round: number): readonly DatasetImage[] {
  const picked = useOpenDataset(state => state.picked);
  const [images, setImages] = useState<readonly DatasetImage[]>([]);
  useEffect(() => {
    let isCurrent = true;
    const ask = async () => {
      if (picked.length > 0 && round === 0) {
        const all = picked.slice(-PREVIEWED_IMAGES).map(index => studio().datasetImage(dataset.id, index));
        return Promise.all(all);
      }
      // Spread over the dataset, which is often in the order of its classes.
      const step = Math.max(1, Math.floor(dataset.count / PREVIEWED_IMAGES));
      const query = { split: null, label: null, limit: 1 };
      const all = Array.from({ length: Math.min(PREVIEWED_IMAGES, dataset.count) }, (_, at) =>
        studio().datasetImages(dataset.id, { ...query, offset: (at * step + round * 7) % dataset.count }),
      );
      return (await Promise.all(all)).flatMap(answer => answer.images);
    };
    ask().then(answer => isCurrent && setImages(answer), complain);
    return () => {
      isCurrent = false;
    };
  }, [dataset, picked, round]);
  return images;
}

/** A row of augmented images for each epoch. */
function usePreview(dataset: DatasetSummary, images: readonly DatasetImage[]) {
  const augmentations = useDocument(state => state.document.training.augmentations);
  const seed = useDocument(state => state.document.training.seed);
  const [shown, setShown] = useState<{ rows: AugmentedImage[][]; error: string | null }>({
    rows: [],
    error: null,
  });
  useEffect(() => {
    if (images.length === 0) return;
    let isCurrent = true;
    const indices = images.map(({ index }) => index);
    const ask = () =>
      Array.from({ length: PREVIEWED_EPOCHS }, (_, epoch) =>
        studio().previewAugmentations(dataset.id, { images: indices, augmentations, seed, epoch }),
      );
    const timer = setTimeout(async () => {
      try {
        const rows = await Promise.all(ask());
        if (isCurrent) setShown({ rows, error: null });
      } catch (failure) {
        if (isCurrent) setShown(({ rows }) => ({ rows, error: (failure as Error).message }));
      }
    }, PREVIEW_DELAY_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [dataset.id, images, augmentations, seed]);
  return shown;
}

interface ShownProps {
  image: AugmentedImage | undefined;
  dataset: DatasetSummary;
  name: string;
}

function Shown({ image, dataset, name }: ShownProps) {
  const src = useBlobUrl(image?.png);
  const mask = useBlobUrl(image?.mask ?? undefined);
  if (!image || !src) return <span className="dataset-picture" />;
  return <Picture src={src} alt={name} shape={dataset.imageShape} box={image.box} mask={mask} />;
}

function useBlobUrl(png: Uint8Array | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!png) return setUrl(undefined);
    const made = URL.createObjectURL(new Blob([Uint8Array.from(png)], { type: 'image/png' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return url;
}
