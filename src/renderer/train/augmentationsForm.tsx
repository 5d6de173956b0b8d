/** What is done by chance to the training images, in order. */
import { ActionIcon, NativeSelect } from '@mantine/core';
import { IconArrowUp, IconX } from '@tabler/icons-react';
import { augmentationKind, augmentationKinds } from '../../engine/augmentations/registry.ts';
import type { Training } from '../../engine/graph/document.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import { editTraining, endGesture, useDocument } from '../store/openDocument.ts';
import { ChosenKind } from '../ui/fields/chosenKind.tsx';

type Augmentation = Training['augmentations'][number];

const change = (augmentations: Augmentation[], gesture?: string) => editTraining({ augmentations }, gesture);

export function Augmentations() {
  const chosen = useDocument(state => state.document.training.augmentations);
  return (
    <section className="section" aria-label="Augmentation">
      <h2>Augmentation</h2>
      {chosen.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an augmentation is known by its place alone
        <div key={index} className="train-item">
          <ChosenKind
            id={`augmentation-${index}`}
            kinds={augmentationKinds()}
            chosen={each}
            onChange={(next, gesture) => change(chosen.with(index, next), gesture)}
            onDone={endGesture}
          />
          <div className="train-item-actions">
            {index > 0 && (
              <ActionIcon
                aria-label={`Move ${each.kind} up`}
                title="Earlier"
                onClick={() => change(chosen.with(index, chosen[index - 1]!).with(index - 1, each))}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
            )}
            <ActionIcon
              aria-label={`Remove ${each.kind}`}
              title="Remove"
              onClick={() => change(chosen.filter((_, i) => i !== index))}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
        </div>
      ))}
      <NativeSelect
        aria-label="Add an augmentation"
        value=""
        data={[{ value: '', label: 'Add…' }, ...augmentationKinds().map(({ kind }) => kind)]}
        onChange={event => {
          const kind = augmentationKind(event.currentTarget.value);
          if (!kind) return;
          const params = initialValues(kind.fields) as Augmentation['params'];
          change([...chosen, { kind: kind.kind, params }]);
        }}
      />
    </section>
  );
}
