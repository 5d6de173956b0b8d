/** How the open project is to be trained. What the document can hold goes there; what it cannot stays a draft. */
import { Button, NativeSelect } from '@mantine/core';
import { useId } from 'react';
import type { z } from 'zod';
import { type Training, trainingSchema } from '../../engine/graph/document.ts';
import {
  computingFields,
  regularisationFields,
  startFields,
  stoppingFields,
} from '../../engine/graph/trainingFields.ts';
import { explainIssues } from '../../engine/layers/parameterErrors.ts';
import { optimizerKind, optimizerKinds } from '../../engine/optimizers/registry.ts';
import { scheduleKinds } from '../../engine/schedules/registry.ts';
import { goTo } from '../store/activePage.ts';
import { edit, editTraining, endGesture, useDocument } from '../store/openDocument.ts';
import { useStudio } from '../store/studioState.ts';
import { keepDraft, useTraining } from '../store/trainingRun.ts';
import { ChosenKind } from '../ui/fields/chosenKind.tsx';
import { errorId, FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { count, decimal } from '../ui/numberFormat.ts';
import { Augmentations } from './augmentationsForm.tsx';
import { LayerRates } from './layerRatesForm.tsx';
import { LossSections } from './lossesForm.tsx';
import { SchedulePreview } from './schedulePreview.tsx';
import { ValuesSection } from './valuesSection.tsx';

export function Settings() {
  return (
    <>
      <section className="section" aria-label="Data">
        <h2>Data</h2>
        <DatasetField />
      </section>
      <section className="section" aria-label="Course">
        <h2>Course</h2>
        <NumberField
          name="epochs"
          label="Epochs"
          help="How often each training image is seen. 10 show where a small network goes; early stopping ends a longer run in time."
          counts
        />
        <NumberField
          name="batchSize"
          label="Batch size"
          help="Images that one step learns from. Larger: steadier steps, more memory. 64 keeps the cores busy and still makes many steps an epoch."
          counts
        />
        <NumberField
          name="accumulate"
          label="Parts"
          help="A batch is computed in so many parts, one after the other, and learned from at once: less memory, the same step. 1, the usual: all at once, which is fastest."
          counts
        />
        <NumberField
          name="learningRate"
          label="Learning rate"
          help="How far a step goes. Too large: the loss jumps or becomes NaN. Too small: it creeps. Prepare finds a good one in a moment."
        />
        <NumberField
          name="seed"
          label="Seed"
          help="What is drawn by chance (first weights, order of the images) follows from it: the same seed gives the same run, on any number of cores."
          counts
        />
      </section>
      <ValuesSection title="Begins with" part="start" fields={startFields} />
      <OptimizerSection />
      <ScheduleSection />
      <LayerRates />
      <LossSections />
      <Augmentations />
      <ValuesSection title="Regularisation" part="regularisation" fields={regularisationFields} />
      <ValuesSection title="Early stopping" part="stopping" fields={stoppingFields} />
      <ValuesSection title="Computing" part="computing" fields={computingFields} />
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

type NumberName = 'epochs' | 'batchSize' | 'accumulate' | 'learningRate' | 'warmup' | 'seed';

function OptimizerSection() {
  const chosen = useDocument(state => state.document.training.optimizer);
  const rate = useDocument(state => state.document.training.learningRate);
  const kind = optimizerKind(chosen.kind);
  return (
    <section className="section" aria-label="Optimizer">
      <h2>Optimizer</h2>
      <ChosenKind
        id="optimizer"
        kinds={optimizerKinds()}
        chosen={chosen}
        onChange={(optimizer, gesture) => editTraining(withUsualRate(optimizer), gesture)}
        onDone={endGesture}
      />
      {kind && isFar(rate, kind.usualRate) && (
        <p className="setting-hint">
          {kind.kind} usually begins with {decimal(kind.usualRate)}.
          <Button size="compact-xs" onClick={() => editTraining({ learningRate: kind.usualRate })}>
            Use {decimal(kind.usualRate)}
          </Button>
        </p>
      )}
    </section>
  );
}

/** A rate that is another optimizer's usual one is nobody's choice: the new optimizer brings its own. */
function withUsualRate(optimizer: Training['optimizer']): Partial<Training> {
  const { optimizer: before, learningRate } = useDocument.getState().document.training;
  const next = optimizerKind(optimizer.kind);
  const isChosen = optimizer.kind === before.kind || optimizerKind(before.kind)?.usualRate !== learningRate;
  return isChosen || !next ? { optimizer } : { optimizer, learningRate: next.usualRate };
}

/** Whether a rate is ten times another, or a tenth. */
function isFar(rate: number, usual: number): boolean {
  return Math.abs(Math.log10(rate / usual)) >= 1;
}

function ScheduleSection() {
  const chosen = useDocument(state => state.document.training.schedule);
  return (
    <section className="section" aria-label="Schedule">
      <h2>Schedule</h2>
      <ChosenKind
        id="schedule"
        kinds={scheduleKinds()}
        chosen={chosen}
        onChange={(schedule, gesture) => editTraining({ schedule }, gesture)}
        onDone={endGesture}
      />
      <NumberField
        name="warmup"
        label="Warm-up"
        help="Epochs in which the learning rate climbs from a hundredth to where it begins; 0.5 is half of one. 0, the usual: none; some help deep networks and large rates over the first steps."
      />
      <SchedulePreview />
    </section>
  );
}

interface NumberFieldProps {
  name: NumberName;
  label: string;
  help: string;
  counts?: boolean;
}

function NumberField({ name, label, help, counts = false }: NumberFieldProps) {
  const value = useDocument(state => state.document.training[name]);
  const draft = useTraining(state => state.drafts[name]);
  const schema = trainingSchema.shape[name] as z.ZodType<number>;
  const parsed = draft === undefined ? undefined : schema.safeParse(draft);
  const error = parsed && !parsed.success ? explainIssues(parsed.error.issues, counts) : undefined;
  const change = (next: number | string) => {
    const valid = schema.safeParse(next);
    keepDraft(name, valid.success ? undefined : next);
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
