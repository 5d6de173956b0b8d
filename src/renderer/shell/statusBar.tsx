/** The status bar: what the network costs, what is wrong with it, how near it is looked at; of runs, how many there are. */
import { Popover } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { useState } from 'react';
import { type Inference, singleOutput } from '../../engine/graph/inference.ts';
import { useTitle } from '../actions/shortcuts.ts';
import { useCanvas } from '../design/canvasState.ts';
import { toggleCode, useCodePanel } from '../design/code/panelState.ts';
import { OverlayChoice } from '../design/overlayControls.tsx';
import { ProblemList } from '../graphView/problemsList.tsx';
import { useQueue } from '../runs/queueState.ts';
import { useActivePage } from '../store/activePage.ts';
import { useWholeInference } from '../store/documentInference.ts';
import { useProblems } from '../store/documentProblems.ts';
import { useForecast } from '../store/memoryForecast.ts';
import { useDocument } from '../store/openDocument.ts';
import { bytes, count, duration, percent, plural, short, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';

export function StatusBar() {
  const inRuns = useActivePage(state => state.place === 'runs');
  return <footer className="status-bar">{inRuns ? <OfRuns /> : <OfNetwork />}</footer>;
}

function OfRuns() {
  const { count: runs, active, waiting, left } = useQueue();
  const queued = waiting.length + (active ? 1 : 0);
  return (
    <>
      <Item label="Runs" value={count(runs)} />
      {queued > 0 && <Item label="Queue" value={count(queued)} />}
      {left !== null && <Item label="Time left" value={duration(left)} />}
    </>
  );
}

function OfNetwork() {
  const inference = useWholeInference();
  const batch = useDocument(state => state.document.training.batchSize);
  const forecast = useForecast(state => state.forecast);
  const zoom = useCanvas(state => state.zoom);
  const onCanvas = useActivePage(state => state.place === 'design');
  const output = singleOutput(inference);
  return (
    <>
      <Item label="Parameters" value={count(inference.totals.parameters)} />
      <Item label="MACs" value={short(inference.totals.macs)} />
      <Item
        label={`Memory, batch ${count(batch)}`}
        value={forecast ? bytes(forecast.bytes) : UNKNOWN_FIGURE}
      />
      <Item label="Receptive field" value={fieldText(inference, output)} />
      <Problems />
      {onCanvas && (
        <div className="status-end">
          <OverlayChoice />
          <CodeButton />
          <span className="status-zoom">{percent(zoom)}</span>
        </div>
      )}
    </>
  );
}

function CodeButton() {
  const isOpen = useCodePanel(state => state.isOpen);
  const title = useTitle('The network as code', 'code');
  return (
    <button type="button" className="status-code" aria-pressed={isOpen} title={title} onClick={toggleCode}>
      <IconCode size={14} aria-hidden="true" />
      Code
    </button>
  );
}

function Item({ label, value }: { label: string; value: string }) {
  return (
    <span>
      {label} <b>{value}</b>
    </span>
  );
}

/** The field of the last image in the network: what a class score can see of the input. */
function fieldText(inference: Inference, output: string | null): string {
  if (output === null) return UNKNOWN_FIGURE;
  const fields = inference.order.flatMap(id => inference.nodes.get(id)?.figures?.receptiveField ?? []);
  return fields.at(-1)?.size.join('×') ?? UNKNOWN_FIGURE;
}

function Problems() {
  const [opened, setOpened] = useState(false);
  const diagnoses = useProblems();
  if (diagnoses.length === 0) return null;
  const worst = diagnoses.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" width={360}>
      <Popover.Target>
        <button
          type="button"
          className="status-problems"
          data-severity={worst}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          <i className="dot" />
          {plural(diagnoses.length, 'problem')}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <ProblemList diagnoses={diagnoses} linked />
      </Popover.Dropdown>
    </Popover>
  );
}
