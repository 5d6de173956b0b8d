/** How the open project is to be trained. What the document can hold goes there; what it cannot stays a draft. */
import { Button, NativeSelect } from '@mantine/core';
import { useId } from 'react';
import type { z } from 'zod';
import { trainingSchema } from '../../engine/graph/document.ts';
import { explainIssues } from '../../engine/layers/explain.ts';
import type { Fields } from '../../engine/layers/fields.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import { lossKind, lossKinds } from '../../engine/losses/registry.ts';
import { optimizerKind, optimizerKinds } from '../../engine/optimizers/registry.ts';
import { edit, editTraining, endGesture, useDocument } from '../store/document.ts';
import { goTo } from '../store/place.ts';
import { useStudio } from '../store/studio.ts';
import { useTraining } from '../store/training.ts';
import { FieldForm } from '../ui/fields/fieldForm.tsx';
import { errorId, FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { count } from '../ui/format.ts';

export function Settings() {
  return (
    <>
      <section className="section" aria-label="Data">
        <h2>Data</h2>
        <DatasetField />
      </section>
      <section className="section" aria-label="Schedule">
        <h2>Schedule</h2>
        <NumberField name="epochs" label="Epochs" help="How often each training image is seen." counts />
        <NumberField
          name="batchSize"
          label="Batch size"
          help="Images that one step learns from. Larger: steadier steps, more memory."
          counts
        />
        <NumberField
          name="learningRate"
          label="Learning rate"
          help="How far a step goes. Too large: the loss jumps or becomes NaN. Too small: it creeps."
        />
        <NumberField
          name="seed"
          label="Seed"
          help="What is drawn by chance (first weights, order of the images) follows from it: the same seed gives the same run."
          counts
        />
      </section>
      <ChoiceOfKind
        part="optimizer"
        title="Optimizer"
        kinds={optimizerKinds()}
        chosen={useDocument(state => state.document.training.optimizer)}
        fields={kind => optimizerKind(kind)?.fields}
      />
      <ChoiceOfKind
        part="loss"
        title="Loss function"
        kinds={lossKinds()}
        chosen={useDocument(state => state.document.training.losses[0]!)}
        fields={kind => lossKind(kind)?.fields}
      />
    </>
  );
}

function DatasetField() {
  const id = useId();
  const chosen = useDocument(state => state.document.dataset);
  const datasets = useStudio(state => state.datasets);
  const names = Object.values(datasets)
    .filter(dataset => dataset.state === 'ready')
    .map(dataset => ({ value: dataset.name, label: `${dataset.name} · ${count(dataset.count)}` }));
  const isMissing = chosen !== null && !names.some(({ value }) => value === chosen);
  if (names.length === 0 && chosen === null) {
    return (
      <div className="train-nothing">
        <p className="dim">There is no dataset yet.</p>
        <Button onClick={() => goTo('data')}>Import images</Button>
      </div>
    );
  }
  return (
    <FieldRow id={id} label="Dataset" error={isMissing ? `${chosen} is not here.` : undefined}>
      <NativeSelect
        id={id}
        value={chosen ?? ''}
        data={[
          ...(chosen === null ? [{ value: '', label: 'Choose…' }] : []),
          ...(isMissing ? [{ value: chosen, label: chosen }] : []),
          ...names,
        ]}
        onChange={event => {
          const dataset = event.currentTarget.value || null;
          edit(document => ({ ...document, dataset }));
        }}
      />
    </FieldRow>
  );
}

type NumberName = 'epochs' | 'batchSize' | 'learningRate' | 'seed';

interface NumberFieldProps {
  name: NumberName;
  label: string;
  help: string;
  counts?: boolean;
}

function NumberField({ name, label, help, counts = false }: NumberFieldProps) {
  const value = useDocument(state => state.document.training[name]);
  const draft = useTraining(state => state.drafts[name]);
  const schema: z.ZodType<number> = trainingSchema.shape[name];
  const parsed = draft === undefined ? undefined : schema.safeParse(draft);
  const error = parsed && !parsed.success ? explainIssues(parsed.error.issues, counts) : undefined;
  const change = (next: number | string) => {
    const { [name]: _before, ...drafts } = useTraining.getState().drafts;
    const valid = schema.safeParse(next);
    useTraining.setState({ drafts: valid.success ? drafts : { ...drafts, [name]: next } });
    if (valid.success) editTraining({ [name]: valid.data }, name);
  };
  return (
    <FieldRow id={name} label={label} help={help} error={error}>
      <NumberInput
        id={name}
        value={draft ?? value}
        invalid={error !== undefined}
        describedBy={errorId(name)}
        counts={counts}
        onChange={change}
        onDone={endGesture}
      />
    </FieldRow>
  );
}

interface ChoiceOfKindProps {
  part: 'optimizer' | 'loss';
  title: string;
  kinds: readonly { readonly kind: string; readonly help: string }[];
  chosen: { kind: string; params: Readonly<Record<string, unknown>> };
  fields: (kind: string) => Fields | undefined;
}

/** One of several kinds, and the form of the one that is chosen. */
function ChoiceOfKind({ part, title, kinds, chosen, fields }: ChoiceOfKindProps) {
  const form = fields(chosen.kind) ?? {};
  const { losses } = useDocument(state => state.document.training);
  const change = (kind: string, params: object, gesture?: string) => {
    const next = { kind, params: params as Record<string, never> };
    if (part === 'optimizer') editTraining({ optimizer: next }, gesture);
    else editTraining({ losses: [{ ...losses[0]!, ...next }, ...losses.slice(1)] }, gesture);
  };
  return (
    <section className="section" aria-label={title}>
      <h2>{title}</h2>
      <FieldRow id={part} label="Kind" help={kinds.find(({ kind }) => kind === chosen.kind)?.help}>
        <NativeSelect
          id={part}
          value={chosen.kind}
          data={kinds.map(({ kind }) => kind)}
          onChange={event => {
            const kind = event.currentTarget.value;
            change(kind, initialValues(fields(kind) ?? {}));
          }}
        />
      </FieldRow>
      <FieldForm
        id={part}
        fields={form}
        values={chosen.params}
        onChange={(name, value) =>
          change(chosen.kind, { ...chosen.params, [name]: value }, `${part} ${name}`)
        }
        onDone={endGesture}
      />
    </section>
  );
}
