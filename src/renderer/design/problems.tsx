/** What is wrong and how to mend it: each repair shows what it would do before it is taken. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import type { Graph, NodeId } from '../../engine/graph/document.ts';
import { applyRepair } from '../../engine/graph/edits.ts';
import { type Diagnosis, type Inference, infer } from '../../engine/graph/infer.ts';
import type { Repair } from '../../engine/layers/layer.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { useGraph } from '../store/document.ts';
import { useInference } from '../store/inference.ts';
import { groupDigits, signed, signedShort } from '../ui/format.ts';
import { repair } from './gestures.ts';
import { showNode } from './showNode.ts';
import './problems.css';

interface ProblemProps {
  diagnosis: Diagnosis;
  /** Whether the node concerned is named as a link to it. */
  linked?: boolean;
}

export function Problem({ diagnosis, linked = false }: ProblemProps) {
  const graph = useGraph();
  const inference = useInference();
  const { node, severity, message, repairs } = diagnosis;
  const Icon = severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  const text = groupDigits(message);
  return (
    <li className="problem" data-severity={severity}>
      <Icon size={16} aria-label={severity === 'error' ? 'Error' : 'Warning'} />
      {linked && node !== null ? (
        <button type="button" className="problem-link" onClick={() => showNode(node)}>
          {text}
        </button>
      ) : (
        <p>{text}</p>
      )}
      {node !== null &&
        repairs.map(choice => (
          <div className="fix" key={choice.title}>
            <b>{choice.title}</b>
            <Button aria-label={`Apply: ${choice.title}`} onClick={() => repair(node, choice)}>
              Apply
            </Button>
            <span className="tiny">{previewOf(graph, inference, node, choice)}</span>
          </div>
        ))}
    </li>
  );
}

export function ProblemList({ diagnoses, linked }: { diagnoses: readonly Diagnosis[]; linked?: boolean }) {
  return (
    <ul className="problems">
      {diagnoses.map(diagnosis => (
        <Problem
          key={`${diagnosis.node} ${diagnosis.code}`}
          diagnosis={diagnosis}
          {...(linked === undefined ? {} : { linked })}
        />
      ))}
    </ul>
  );
}

/** What a repair would bring: the node's new shape, Δparameters and ΔMACs of the network, what is left to do. */
function previewOf(graph: Graph, inference: Inference, id: NodeId, choice: Repair): string {
  const mended = infer(applyRepair(graph, id, choice), inference);
  const [before, after] = [inference.nodes.get(id), mended.nodes.get(id)];
  const parts: string[] = [];
  const [from, to] = [after?.figures?.inputs[0], after?.figures?.shape];
  if (to)
    parts.push(from ? `${groupDigits(shapeText(from))} → ${groupDigits(shapeText(to))}` : shapeText(to));
  const parameters = mended.totals.parameters - inference.totals.parameters;
  const macs = mended.totals.macs - inference.totals.macs;
  if (before?.figures || after?.figures) parts.push(`${signed(parameters)} parameters`);
  if (macs !== 0) parts.push(`${signedShort(macs)} MACs`);
  const left = mended.diagnoses.filter(({ severity }) => severity === 'error').length;
  if (left > 0) parts.push(left === 1 ? '1 problem is left' : `${left} problems are left`);
  return parts.join(' · ');
}
