/** In the status bar: what the network costs and what is wrong with it; of the canvas, how it is looked at. */
import { Popover } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { useState } from 'react';
import { type Inference, singleOutput } from '../../engine/graph/inference.ts';
import type { StatusItem } from '../actions/contribution.ts';
import { useTitle } from '../actions/shortcuts.ts';
import { ProblemList } from '../graphView/problemsList.tsx';
import { useWholeInference } from '../store/documentInference.ts';
import { useProblems } from '../store/documentProblems.ts';
import { useForecast } from '../store/memoryForecast.ts';
import { useDocument } from '../store/openDocument.ts';
import { bytes, count, percent, plural, short, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { StatusFigure } from '../ui/statusFigure.tsx';
import { useCanvas } from './canvasState.ts';
import { toggleCode, useCodePanel } from './code/panelState.ts';
import { OverlayChoice } from './overlayControls.tsx';

export const statusItems: readonly StatusItem[] = [
  { name: 'network', Component: NetworkFigures, everywhere: true },
  { name: 'problems', Component: Problems, everywhere: true },
  { name: 'overlay', Component: OverlayChoice, side: 'end' },
  { name: 'code', Component: CodeButton, side: 'end' },
  { name: 'zoom', Component: Zoom, side: 'end' },
];

function NetworkFigures() {
  const inference = useWholeInference();
  const batch = useDocument(state => state.document.training.batchSize);
  const forecast = useForecast(state => state.forecast);
  const output = singleOutput(inference);
  return (
    <>
      <StatusFigure label="Parameters" value={count(inference.totals.parameters)} />
      <StatusFigure label="MACs" value={short(inference.totals.macs)} />
      <StatusFigure
        label={`Memory, batch ${count(batch)}`}
        value={forecast ? bytes(forecast.bytes) : UNKNOWN_FIGURE}
      />
      <StatusFigure label="Receptive field" value={fieldText(inference, output)} />
    </>
  );
}

function Zoom() {
  const zoom = useCanvas(state => state.zoom);
  return <span className="status-zoom">{percent(zoom)}</span>;
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
