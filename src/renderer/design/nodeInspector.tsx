/** One node laid open: its name, its parameters as a form, the arithmetic of each figure, its problems. */
import { ActionIcon, Switch } from '@mantine/core';
import { IconBoxPadding } from '@tabler/icons-react';
import { inputIndex, isBlock, isBlockInput } from '../../engine/graph/blocks.ts';
import type { GraphNode, NodeId } from '../../engine/graph/document.ts';
import { changeNode, setParams } from '../../engine/graph/edits.ts';
import {
  type Solvable,
  type SolvableField,
  samePadding,
  solvableWindow,
} from '../../engine/graph/fieldSolver.ts';
import { setFrozen } from '../../engine/graph/freezing.ts';
import type { Figures, Inference } from '../../engine/graph/inference.ts';
import { refusesName } from '../../engine/graph/names.ts';
import type { ReceptiveField } from '../../engine/graph/receptiveField.ts';
import { drawnNode } from '../../engine/graph/scopedInference.ts';
import type { LayerKind } from '../../engine/layers/layer.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { nodeLabel } from '../graphView/flow.ts';
import { hasErrors, ProblemList } from '../graphView/problemsList.tsx';
import { useInference, useInferred } from '../store/documentInference.ts';
import { useProblems } from '../store/documentProblems.ts';
import { endGesture, useDocument } from '../store/openDocument.ts';
import { editGraph, useGraph, useScope } from '../store/openDrawing.ts';
import { FieldForm } from '../ui/fields/fieldForm.tsx';
import { FieldRow } from '../ui/fields/fieldRow.tsx';
import { bytes, count, groupDigits, plural, short } from '../ui/numberFormat.ts';
import { BlockHead, BlockName, BlockParameters } from './blockInspector.tsx';
import { useCanvasHandle } from './canvasHandle.tsx';
import { ConversionSection } from './conversion.tsx';
import { Expose } from './exposeParameter.tsx';
import { HealthSection } from './healthOverlay.tsx';
import { InputSolver } from './inputSolverPanel.tsx';
import { KindHelp } from './kindHelp.tsx';
import { draftName, useNameDrafts } from './nameDrafts.ts';
import { FieldSolver } from './sizeSolverPanel.tsx';

export function NodeInspector({ id }: { id: NodeId }) {
  const graph = useGraph();
  const inference = useInference();
  const scope = useScope(state => state.scope);
  const diagnoses = useProblems().filter(({ node }) => node !== null && drawnNode(node, scope) === id);
  const node = graph.nodes[id];
  const inferred = inference.nodes.get(id);
  if (!node) return null;
  const kind = inferred?.kind;
  return (
    <>
      <header className="section inspector-head">
        {isBlock(node) ? <BlockName key={node.params.block as string} id={id} /> : <h1>{titleOf(node)}</h1>}
        <NodeName key={id} id={id} />
        {isBlock(node) ? <BlockHead id={id} /> : <p className="dim">{summaryOf(node, kind)}</p>}
      </header>
      {diagnoses.length > 0 && (
        <section className="section" aria-label="Problems of this layer">
          <h2 {...(hasErrors(diagnoses) && { className: 'bad' })}>{plural(diagnoses.length, 'problem')}</h2>
          <ProblemList diagnoses={diagnoses} />
        </section>
      )}
      {isBlock(node) && <BlockParameters id={id} />}
      {kind && Object.keys(kind.fields).length > 0 && <Parameters id={id} kind={kind} params={node.params} />}
      <Freezing id={id} />
      <HealthSection id={id} />
      <ConversionSection id={id} />
      {inferred?.figures ? (
        <Why figures={inferred.figures} />
      ) : (
        <section className="section">
          <h2>Why these figures</h2>
          <p className="dim">{whyNoFigures(inference, id)}</p>
        </section>
      )}
      {kind && (
        <details className="section kind-section" open>
          <summary className="section-title">How {kind.kind} works</summary>
          <KindHelp kind={kind} params={node.params} />
        </details>
      )}
    </>
  );
}

function titleOf(node: GraphNode): string {
  return isBlockInput(node) ? 'Block input' : node.kind;
}

function summaryOf(node: GraphNode, kind: LayerKind | null | undefined): string {
  if (isBlockInput(node)) return `Where data enters the block: its input ${inputIndex(node) + 1}.`;
  return kind?.summary ?? 'This version of Receptive does not know this kind of layer.';
}

interface ParametersProps {
  id: NodeId;
  kind: LayerKind;
  params: Readonly<Record<string, unknown>>;
}

function Parameters({ id, kind, params }: ParametersProps) {
  const solvable = solvableWindow(useInference(), id);
  return (
    <section className="section" aria-label="Parameters">
      <h2>Parameters</h2>
      <FieldForm
        id={id}
        fields={kind.fields}
        values={params}
        onChange={(name, value) =>
          editGraph(current => setParams(current, id, { [name]: value }), `${id} ${name}`)
        }
        onDone={endGesture}
        aside={name => (
          <>
            {name === 'padding' && solvable?.outputPadding === null && (
              <SamePadding id={id} solvable={solvable} />
            )}
            {solvable?.fields.some(field => field === name) && (
              <FieldSolver
                id={id}
                field={name as SolvableField}
                label={kind.fields[name]!.label}
                solvable={solvable}
              />
            )}
            <Expose node={id} param={name} label={kind.fields[name]!.label} />
            {kind.fields[name]!.widget === 'imageShape' && <InputSolver id={id} />}
          </>
        )}
      />
    </section>
  );
}

/** Whether the weights stay as they are; a kind that has a parameter for it shows that instead. */
function Freezing({ id }: { id: NodeId }) {
  const node = useGraph().nodes[id];
  const inferred = useInferred(id);
  const learns = (inferred?.figures?.parameters ?? 0) > 0;
  if (!node || !learns || (inferred?.kind && 'frozen' in inferred.kind.fields)) return null;
  const label = `${id}-freezing`;
  return (
    <section className="section" aria-label="Training">
      <FieldRow id={label} label="Frozen" help="Its weights stay as they are while others are trained.">
        <Switch
          id={label}
          checked={node.frozen === true}
          onChange={event => {
            const { checked } = event.currentTarget;
            endGesture();
            editGraph(graph => setFrozen(graph, [id], checked));
          }}
        />
      </FieldRow>
    </section>
  );
}

/** Sets the numbers with which a window keeps the size at stride 1; at larger strides, the size is then divided by them. */
function SamePadding({ id, solvable }: { id: NodeId; solvable: Solvable }) {
  return (
    <ActionIcon
      size={22}
      title="Pad so that stride 1 keeps the size"
      aria-label="Pad so that stride 1 keeps the size"
      onClick={() => {
        endGesture();
        editGraph(graph => setParams(graph, id, { padding: samePadding(solvable) }));
      }}
    >
      <IconBoxPadding size={14} />
    </ActionIcon>
  );
}

/** The name of a node's weights. One that PyTorch would not take is kept in the field and explained. */
function NodeName({ id }: { id: NodeId }) {
  const graph = useGraph();
  const name = graph.nodes[id]?.name ?? '';
  const draft = useNameDrafts(drafts => drafts[id] ?? null);
  const error = draft === null ? undefined : refusesName(graph, id, draft);
  const change = (next: string) => {
    const valid = refusesName(graph, id, next) === undefined;
    draftName(id, valid ? null : next);
    if (valid) editGraph(current => changeNode(current, id, { name: next }), `${id} name`);
  };
  return (
    <div className="inspector-name">
      <input
        ref={useCanvasHandle().nameField}
        className="input"
        aria-label="Name"
        aria-invalid={error !== undefined}
        aria-describedby="node-name-error"
        autoComplete="off"
        spellCheck={false}
        value={draft ?? name}
        onChange={event => change(event.target.value)}
        onBlur={endGesture}
        onKeyDown={event => {
          if (event.key === 'Escape') draftName(id, null);
          if (event.key === 'Enter') endGesture();
        }}
      />
      {error && (
        <p id="node-name-error" className="field-error" role="status">
          {error}
        </p>
      )}
    </div>
  );
}

function Why({ figures }: { figures: Figures }) {
  const batch = useDocument(state => state.document.training.batchSize);
  const { shape, parameters, macs, activationBytes, receptiveField, why } = figures;
  return (
    <section className="section" aria-label="Why these figures">
      <h2>Why these figures</h2>
      <dl>
        <WhyRow label="Output" value={shapeText(shape)} why={why.shape} />
        <WhyRow label="Parameters" value={count(parameters)} why={why.parameters} />
        <WhyRow label="MACs" value={short(macs)} why={why.macs} />
        {receptiveField && <WhyRow label="Receptive field" value={fieldText(receptiveField)} />}
        <WhyRow label={`Activations, batch ${batch}`} value={bytes(batch * activationBytes)} />
      </dl>
    </section>
  );
}

function WhyRow({ label, value, why }: { label: string; value: string; why?: string }) {
  return (
    <div className="figure why">
      <dt>{label}</dt>
      <dd>{value}</dd>
      {why && <dd className="mono">{groupDigits(why)}</dd>}
    </div>
  );
}

function fieldText({ size, jump }: ReceptiveField): string {
  return `${size.join('×')}, jump ${jump[0] === jump[1] ? jump[0] : jump.join('×')}`;
}

function whyNoFigures(inference: Inference, id: NodeId): string {
  const inferred = inference.nodes.get(id);
  if (!inferred || inferred.diagnoses.length > 0) return 'They appear when the problem above is mended.';
  const faulty = inference.order.find(other => (inference.nodes.get(other)?.diagnoses.length ?? 0) > 0);
  const cause = faulty === undefined ? undefined : inference.nodes.get(faulty);
  if (!cause) return 'They appear when everything before this layer works.';
  return `They appear when ${nodeLabel(cause.node.name, cause.node.kind, cause).split(',')[0]} works: it comes before this layer.`;
}
