/** Notes and tags of the selected runs; and how many epochs a run is to go on to. */
import { Button, Group, Modal, NumberInput, TagsInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { studio } from '../store/connection.ts';
import { useStudio } from '../store/studioState.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt } from '../ui/toast.tsx';
import { closeRunDialog, useRunDialog } from './openRunDialog.ts';
import { extend } from './runActions.ts';

export function AnnotateDialog({ runs }: { runs: readonly RunSummary[] }) {
  const opened = useRunDialog(state => state.open === 'notes');
  const title = runs.length === 1 ? runs[0]!.name : plural(runs.length, 'run');
  return (
    <Modal opened={opened} onClose={closeRunDialog} title={`Notes and tags of ${title}`}>
      <AnnotateForm runs={runs} />
    </Modal>
  );
}

/** Of several runs only what all of them have in common is shown, and only what was changed is written. */
function AnnotateForm({ runs }: { runs: readonly RunSummary[] }) {
  const known = useStudio(state => state.runs);
  const same = <T,>(of: (run: RunSummary) => T, none: T): T =>
    runs.every(run => JSON.stringify(of(run)) === JSON.stringify(of(runs[0]!))) && runs[0]
      ? of(runs[0])
      : none;
  const [notes, setNotes] = useState<string | null>(null);
  const [tags, setTags] = useState<string[] | null>(null);
  const suggestions = [...new Set(Object.values(known).flatMap(run => run.tags))];
  const keep = async () => {
    closeRunDialog();
    const annotation = { ...(notes !== null && { notes }), ...(tags !== null && { tags }) };
    await attempt(
      () =>
        studio().annotateRuns(
          runs.map(({ id }) => id),
          annotation,
        ),
      'Notes and tags were not kept',
    );
  };
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        void keep();
      }}
    >
      <TagsInput
        size="xs"
        label="Tags"
        placeholder="Enter adds one"
        data={suggestions}
        maxTags={50}
        value={tags ?? same(run => run.tags, [])}
        onChange={setTags}
      />
      <Textarea
        size="xs"
        mt="sm"
        label="Notes"
        autosize
        minRows={4}
        maxLength={10_000}
        value={notes ?? same(run => run.notes, '')}
        onChange={event => setNotes(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" variant="filled">
          Keep
        </Button>
      </Group>
    </form>
  );
}

export function ExtendDialog() {
  const { open, run: id } = useRunDialog();
  const run = useStudio(state => (id === null ? undefined : state.runs[id]));
  return (
    <Modal
      opened={open === 'extend' && run !== undefined}
      onClose={closeRunDialog}
      title={`Continue ${run?.name ?? ''}`}
    >
      {run && <ExtendForm run={run} />}
    </Modal>
  );
}

function ExtendForm({ run }: { run: RunSummary }) {
  const [epochs, setEpochs] = useState<number | string>(2 * run.epochs);
  const patience = run.settings['stopping.patience'];
  const isValid =
    typeof epochs === 'number' && Number.isInteger(epochs) && epochs > run.epochs && epochs <= 100_000;
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (!isValid) return;
        closeRunDialog();
        void extend(run, epochs);
      }}
    >
      <p className="dim">
        It has {plural(run.epochs, 'epoch')} and goes on from its last checkpoint, when its turn comes. A
        schedule that looks to the end is stretched to the new one.
        {typeof patience === 'number' && patience > 0 && (
          <> Its patience of {plural(patience, 'epoch')} is counted anew from there.</>
        )}
      </p>
      <NumberInput
        size="xs"
        mt="sm"
        label="Epochs in all"
        data-autofocus
        allowDecimal={false}
        value={epochs}
        error={isValid ? null : `More than ${run.epochs}.`}
        onChange={setEpochs}
      />
      <Group justify="flex-end" mt="md">
        <Button type="submit" variant="filled" disabled={!isValid}>
          Continue
        </Button>
      </Group>
    </form>
  );
}
