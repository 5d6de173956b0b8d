/** Trains the open project from the weights of a run: what of them it takes, what stays as it is, how fast the rest learns. */
import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type NodeId, trainingSchema } from '../../engine/graph/document.ts';
import { isFrozen, setFrozen } from '../../engine/graph/freezing.ts';
import { infer } from '../../engine/graph/infer.ts';
import { type LayerTransfer, transferred } from '../../engine/graph/transfer.ts';
import { useWholeInference } from '../store/documentInference.ts';
import { useDocument } from '../store/openDocument.ts';
import { usePulled } from '../store/pulled.ts';
import { runQuestion } from '../store/questions.ts';
import { useStudio } from '../store/studioState.ts';
import { errorId, FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { count, decimal, plural } from '../ui/numberFormat.ts';
import { closeRunDialog, useRunDialog } from './openRunDialog.ts';
import { fineTune } from './runActions.ts';

export function FineTuneDialog() {
  const { open, run: id } = useRunDialog();
  const origin = useStudio(state => (id === null ? undefined : state.runs[id]));
  const name = useDocument(state => state.document.name);
  return (
    <Modal
      opened={open === 'fineTune' && origin !== undefined}
      onClose={closeRunDialog}
      title={`Fine-tune ${name} from ${origin?.name ?? ''}`}
      size={620}
    >
      {origin && <FineTuneForm origin={origin} />}
    </Modal>
  );
}

/** What the open project would take of a run; undefined until the run's network is read. */
function useTransfer({ id }: RunSummary): LayerTransfer[] | undefined {
  const detail = usePulled(runQuestion(id));
  const inference = useWholeInference();
  const trained = useMemo(() => detail && infer(detail.document.graph), [detail]);
  return useMemo(() => trained && transferred(trained, inference), [trained, inference]);
}

function FineTuneForm({ origin }: { origin: RunSummary }) {
  const { graph, training } = useDocument(state => state.document);
  const inference = useWholeInference();
  const layers = useTransfer(origin);
  const [frozen, setChosen] = useState<ReadonlySet<NodeId>>(new Set());
  // What was learnt is to be kept: a tenth of the rate that a network begins with.
  const [learningRate, setLearningRate] = useState<number | string>(
    Number((training.learningRate / 10).toPrecision(6)),
  );
  const left = useMemo(
    () => infer(setFrozen(graph, [...frozen], true), inference).totals.trainable,
    [graph, frozen, inference],
  );
  if (!layers) return <p className="dim">One moment…</p>;
  const rate = trainingSchema.shape.learningRate.safeParse(learningRate);
  const isTaken = layers.some(({ taken }) => taken > 0);
  const isReady = isTaken && left > 0 && rate.success;
  return (
    <form
      className="fine-tune"
      onSubmit={event => {
        event.preventDefault();
        if (!isReady) return;
        closeRunDialog();
        void fineTune(origin, { frozen: [...frozen], learningRate: rate.data });
      }}
    >
      <p role="status">
        {isTaken ? <Taken layers={layers} left={left} /> : <NothingTaken origin={origin} />}
      </p>
      <Layers layers={layers} frozen={frozen} onChange={setChosen} />
      <FieldRow
        id="fine-tune-rate"
        label="Learning rate"
        help={`The project has ${decimal(training.learningRate)}. A tenth of it keeps most of what was learnt.`}
        error={rate.success ? undefined : 'A number above 0, at most 1000.'}
      >
        <NumberInput
          id="fine-tune-rate"
          value={learningRate}
          invalid={!rate.success}
          describedBy={errorId('fine-tune-rate')}
          onChange={setLearningRate}
        />
      </FieldRow>
      <Group justify="flex-end">
        <Button type="submit" variant="filled" disabled={!isReady}>
          Train
        </Button>
      </Group>
    </form>
  );
}

/** @param left how many parameters would learn */
function Taken({ layers, left }: { layers: readonly LayerTransfer[]; left: number }) {
  const whole = layers.filter(layer => layer.whole).length;
  const sum = (of: (layer: LayerTransfer) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  return (
    <>
      <b>
        {count(whole)} of {plural(layers.length, 'layer')}
      </b>{' '}
      begin with its best weights: {count(sum(({ taken }) => taken))} of{' '}
      {plural(
        sum(({ parameters }) => parameters),
        'parameter',
      )}
      .{' '}
      {left > 0 ? (
        `${count(left)} learn.`
      ) : (
        <span className="bad">Every layer is frozen: at least one has to learn.</span>
      )}
    </>
  );
}

function NothingTaken({ origin }: { origin: RunSummary }) {
  return (
    <span className="bad">
      Nothing of {origin.name} fits this network: no weight has the same name and shape.
    </span>
  );
}

interface LayersProps {
  layers: readonly LayerTransfer[];
  frozen: ReadonlySet<NodeId>;
  onChange: (frozen: ReadonlySet<NodeId>) => void;
}

function Layers({ layers, frozen, onChange }: LayersProps) {
  const nodes = useDocument(state => state.document.graph.nodes);
  const isFixed = ({ node }: LayerTransfer) => nodes[node] !== undefined && isFrozen(nodes[node]);
  const isChecked = (layer: LayerTransfer) => isFixed(layer) || frozen.has(layer.node);
  const whole = layers.filter(layer => layer.whole);
  const all = whole.length > 0 && whole.every(isChecked);
  return (
    <div className="fine-tune-layers">
      <table>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Parameters</th>
            <th scope="col">Begins with</th>
            <th scope="col">
              <Checkbox
                label="Frozen"
                title="Freezes every layer that is taken as a whole"
                aria-label="Freeze all that is taken"
                disabled={whole.length === 0}
                checked={all}
                indeterminate={!all && whole.some(isChecked)}
                onChange={() => onChange(new Set(all ? [] : whole.map(({ node }) => node)))}
              />
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(layer => (
            <tr key={layer.node}>
              <th scope="row" className="truncate" title={layer.name}>
                {layer.name}
              </th>
              <td>{count(layer.parameters)}</td>
              <td className={layer.whole ? undefined : 'dim'}>{beginning(layer)}</td>
              <td>
                <Checkbox
                  aria-label={`Freeze ${layer.name}`}
                  disabled={!layer.whole || isFixed(layer)}
                  checked={isChecked(layer)}
                  onChange={() => onChange(frozen.symmetricDifference(new Set([layer.node])))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function beginning({ whole, taken, reason }: LayerTransfer): string {
  if (whole) return 'the weights of the run';
  return `${taken > 0 ? 'a part of its weights, else chance' : 'chance'}. ${reason ?? ''}`;
}
