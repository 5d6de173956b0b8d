/** The inspector: the selected node, the selected several, or with nothing selected the whole network. */
import { singleOutput } from '../../engine/graph/inference.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { hasErrors, ProblemList } from '../graphView/problemsList.tsx';
import { reveal } from '../graphView/showNode.ts';
import { useSelection } from '../store/canvasSelection.ts';
import { useInference } from '../store/documentInference.ts';
import { useProblems } from '../store/documentProblems.ts';
import { useForecast } from '../store/memoryForecast.ts';
import { endGesture, useDocument } from '../store/openDocument.ts';
import { useGraph } from '../store/openDrawing.ts';
import { bytes, count, plural, short, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { Figure } from './figure.tsx';
import { NodeInspector } from './nodeInspector.tsx';
import { SeveralInspector } from './severalInspector.tsx';

export function Inspector() {
  const graph = useGraph();
  const nodes = useSelection(state => state.nodes);
  const selected = [...nodes].filter(id => id in graph.nodes);
  return (
    <aside className="inspector" aria-label="Inspector" onKeyDown={backToCanvas}>
      {selected.length === 0 && <NetworkInspector />}
      {selected.length === 1 && <NodeInspector id={selected[0]!} />}
      {selected.length > 1 && <SeveralInspector ids={selected} />}
    </aside>
  );
}

/** Escape leaves a field for the node that it belongs to, so that the keyboard goes on drawing. */
function backToCanvas(event: React.KeyboardEvent): void {
  const [id] = useSelection.getState().nodes;
  if (event.key !== 'Escape' || event.defaultPrevented || id === undefined) return;
  if ((event.target as Element).closest('[role="dialog"]')) return;
  event.preventDefault();
  // At once: the node has the focus only when it is in sight, and an Escape until then is no longer the field's.
  (event.target as HTMLElement).blur();
  endGesture();
  reveal(id);
}

function NetworkInspector() {
  const name = useDocument(state => state.document.name);
  const batch = useDocument(state => state.document.training.batchSize);
  const inference = useInference();
  const forecast = useForecast(state => state.forecast);
  const diagnoses = useProblems();
  const { totals, nodes } = inference;
  const output = singleOutput(inference);
  const shape = output === null ? undefined : nodes.get(output)?.figures?.shape;
  return (
    <>
      <header className="section inspector-head">
        <h1 className="truncate">{name}</h1>
        <p className="dim">
          {nodes.size === 0
            ? 'Nothing is drawn yet.'
            : `${plural(nodes.size, 'layer')}. Select one to see and change it.`}
        </p>
      </header>
      {diagnoses.length > 0 && (
        <section className="section" aria-label="Problems">
          <h2 {...(hasErrors(diagnoses) && { className: 'bad' })}>{plural(diagnoses.length, 'problem')}</h2>
          <ProblemList diagnoses={diagnoses} linked />
        </section>
      )}
      <section className="section" aria-label="The whole network">
        <h2>The whole network</h2>
        <dl>
          <Figure label="Parameters" value={count(totals.parameters)} />
          <Figure label="MACs for one image" value={short(totals.macs)} />
          <Figure label="Output" value={shape ? shapeText(shape) : UNKNOWN_FIGURE} />
          <Figure label="Activations for one image" value={bytes(totals.activationBytes)} />
        </dl>
      </section>
      {forecast && (
        <section className="section" aria-label="Memory to train it">
          <h2>Memory to train it, batch {count(batch)}</h2>
          <dl>
            <Figure label="Weights" value={bytes(forecast.weightBytes)} />
            <Figure label="Gradients and optimizer" value={bytes(forecast.optimizerBytes)} />
            <Figure label="Activations" value={bytes(forecast.activationBytes)} />
            <Figure label="In all" value={bytes(forecast.bytes)} />
          </dl>
        </section>
      )}
    </>
  );
}
