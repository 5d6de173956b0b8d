/** Plans a sweep over the open project: which settings, which values, in which way, how often each. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Modal,
  NumberInput,
  SegmentedControl,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { SweepPlan, SweepStrategy } from '../../bridge/runCalls.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { sweepFault, sweepFields } from '../../experiments/sweepFields.ts';
import { MOST_RUNS, parseValues, rounds, runCount, type SweepValue } from '../../experiments/sweepPlan.ts';
import { flush } from '../store/autosave.ts';
import { studio } from '../store/connection.ts';
import { useDocument } from '../store/openDocument.ts';
import { count, plural } from '../ui/numberFormat.ts';
import { attempt } from '../ui/toast.tsx';
import { showView } from './comparisonView.ts';
import { closeRunDialog, useRunDialog } from './openRunDialog.ts';

export function SweepDialog() {
  const opened = useRunDialog(state => state.open === 'sweep');
  const name = useDocument(state => state.document.name);
  return (
    <Modal opened={opened} onClose={closeRunDialog} title={`Sweep over ${name}`} size={640}>
      <SweepForm />
    </Modal>
  );
}

/** One setting as it was typed. */
interface Line {
  key: number;
  path: string;
  text: string;
}

interface Read extends Line {
  values: SweepValue[];
  fault: string | null;
}

const HELP: Readonly<Record<SweepStrategy, string>> = {
  grid: 'Every combination is trained.',
  random: 'So many combinations are drawn by chance, none twice.',
  halving: 'All begin with few epochs; the best of each round go on with more, from where they were.',
};

interface Manner {
  strategy: SweepStrategy;
  samples: number;
  repeats: number;
  firstEpochs: number;
  factor: number;
}

function SweepForm() {
  const { project, document } = useDocument();
  const [lines, setLines] = useState<readonly Line[]>([{ key: 0, path: 'learningRate', text: '' }]);
  const [manner, setManner] = useState<Manner>({
    strategy: 'grid',
    samples: 10,
    repeats: 1,
    firstEpochs: 1,
    factor: 2,
  });
  const read = lines.map((line): Read => ({ ...line, ...readLine(document, line, lines) }));
  const plan = planOf(read, manner, document);
  const runs = runCount(plan);
  const isReady = project !== null && read.every(({ fault }) => fault === null) && runs <= MOST_RUNS;
  const start = async () => {
    if (!isReady) return;
    closeRunDialog();
    showView('coordinates');
    await flush();
    await attempt(() => studio().startSweep({ project, name: null, plan }), 'The sweep was not started');
  };
  const change = (key: number, next: Partial<Line>) =>
    setLines(before => before.map(line => (line.key === key ? { ...line, ...next } : line)));
  return (
    <form
      className="sweep"
      onSubmit={event => {
        event.preventDefault();
        void start();
      }}
    >
      {read.map(line => (
        <FieldLine
          key={line.key}
          line={line}
          document={document}
          onChange={next => change(line.key, next)}
          onRemove={
            lines.length > 1 ? () => setLines(lines.filter(({ key }) => key !== line.key)) : undefined
          }
        />
      ))}
      <Button
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          setLines([...lines, { key: Math.max(...lines.map(({ key }) => key)) + 1, path: '', text: '' }])
        }
      >
        Another setting
      </Button>
      <MannerFields manner={manner} onChange={next => setManner({ ...manner, ...next })} />
      <Group justify="space-between" mt="md">
        <span className="dim" role="status">
          {planText(plan, document, runs)}
        </span>
        <Button type="submit" variant="filled" disabled={!isReady}>
          Start the sweep
        </Button>
      </Group>
    </form>
  );
}

interface FieldLineProps {
  line: Read;
  document: ProjectDocument;
  onChange: (next: Partial<Line>) => void;
  onRemove: (() => void) | undefined;
}

function FieldLine({ line, document, onChange, onRemove }: FieldLineProps) {
  const fields = sweepFields(document);
  const present = fields.find(({ path }) => path === line.path);
  return (
    <div className="sweep-line">
      <Autocomplete
        size="xs"
        aria-label="Setting"
        placeholder="Setting"
        limit={200}
        maxDropdownHeight={260}
        data={fields.map(({ path }) => path)}
        value={line.path}
        onChange={path => onChange({ path })}
      />
      <TextInput
        aria-label={`Values of ${line.path || 'the setting'}`}
        placeholder={present ? `now ${present.value}; 0.001, 0.01 or 1e-4…1e-1 log 4` : '0.001, 0.01'}
        value={line.text}
        error={line.text === '' ? null : line.fault}
        onChange={event => onChange({ text: event.currentTarget.value })}
      />
      <span className="tiny">{line.fault === null ? plural(line.values.length, 'value') : ''}</span>
      <ActionIcon aria-label="Leave this setting out" disabled={!onRemove} onClick={onRemove}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}

interface MannerFieldsProps {
  manner: Manner;
  onChange: (next: Partial<Manner>) => void;
}

function MannerFields({ manner, onChange }: MannerFieldsProps) {
  const { strategy, samples, repeats, firstEpochs, factor } = manner;
  const number = (label: string, value: number, name: keyof Manner, min = 1) => (
    <NumberInput
      size="xs"
      label={label}
      min={min}
      max={1000}
      allowDecimal={false}
      value={value}
      onChange={next => typeof next === 'number' && onChange({ [name]: next })}
    />
  );
  return (
    <fieldset className="sweep-manner">
      <SegmentedControl
        aria-label="In which way"
        value={strategy}
        data={[
          { value: 'grid', label: 'Grid' },
          { value: 'random', label: 'Random' },
          { value: 'halving', label: 'Successive halving' },
        ]}
        onChange={value => onChange({ strategy: value as SweepStrategy })}
      />
      <p className="tiny">{HELP[strategy]}</p>
      <div className="sweep-numbers">
        {strategy !== 'grid' && number('Combinations', samples, 'samples')}
        {strategy === 'halving' && number('Epochs of the first round', firstEpochs, 'firstEpochs')}
        {strategy === 'halving' && number('One goes on in', factor, 'factor', 2)}
        {strategy !== 'halving' && number('Seeds for each', repeats, 'repeats')}
      </div>
    </fieldset>
  );
}

function readLine(document: ProjectDocument, { path, text, key }: Line, lines: readonly Line[]) {
  const parsed = parseValues(text);
  if (!parsed.ok) return { values: [], fault: parsed.message };
  const { values } = parsed;
  if (lines.some(other => other.key !== key && other.path === path))
    return { values, fault: `${path} stands there twice.` };
  const faults = values.map(value => sweepFault(document, path, value));
  return { values, fault: faults.find(fault => fault !== null) ?? null };
}

function planOf(read: readonly Read[], manner: Manner, { training }: ProjectDocument): SweepPlan {
  const { strategy, samples, repeats, firstEpochs: epochs, factor } = manner;
  return {
    fields: read.map(({ path, values }) => ({ path, values })),
    strategy,
    samples: strategy === 'grid' ? null : samples,
    seed: training.seed,
    repeats: strategy === 'halving' ? 1 : repeats,
    halving: strategy === 'halving' ? { epochs, full: Math.max(epochs, training.epochs), factor } : null,
  };
}

function planText(plan: SweepPlan, { training }: ProjectDocument, runs: number): string {
  if (runs === 0) return 'Say which values the settings are to have.';
  if (runs > MOST_RUNS) return `${count(runs)} runs are too many; ${count(MOST_RUNS)} are the most.`;
  const what = plural(runs, 'run');
  if (!plan.halving) return `${what} of ${plural(training.epochs, 'epoch')}`;
  return `${what}, in rounds up to ${rounds(plan.halving).join(', ')} epochs`;
}
