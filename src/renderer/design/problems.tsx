/** What is wrong and how to mend it: each repair shows what it would do before it is taken. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { Diagnosis } from '../../engine/graph/infer.ts';
import { type RepairPreview, rankRepairs } from '../../engine/graph/repairs.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { useNetwork } from '../store/document.ts';
import { useWholeInference } from '../store/inference.ts';
import { groupDigits, signed, signedShort } from '../ui/format.ts';
import { repair } from './gestures.ts';
import { showLayer } from './showNode.ts';
import './problems.css';

interface ProblemProps {
  diagnosis: Diagnosis;
  /** Whether the node concerned is named as a link to it. */
  linked?: boolean;
  /** What helps beside changing the network, before that. */
  children?: ReactNode;
}

export function Problem({ diagnosis, linked = false, children }: ProblemProps) {
  const graph = useNetwork();
  const inference = useWholeInference();
  const { node, severity, message } = diagnosis;
  const previews = useMemo(() => rankRepairs(graph, inference, diagnosis), [graph, inference, diagnosis]);
  const Icon = severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  const text = groupDigits(message);
  return (
    <li className="problem" data-severity={severity}>
      <Icon size={16} aria-label={severity === 'error' ? 'Error' : 'Warning'} />
      {linked && node !== null ? (
        <button type="button" className="problem-link" onClick={() => showLayer(node)}>
          {text}
        </button>
      ) : (
        <p>{text}</p>
      )}
      {children}
      {previews.map(preview => (
        <div className="fix" key={preview.repair.title}>
          <b>{preview.repair.title}</b>
          <Button aria-label={`Apply: ${preview.repair.title}`} onClick={() => repair(node, preview.repair)}>
            Apply
          </Button>
          <span className="tiny">{previewText(preview)}</span>
        </div>
      ))}
    </li>
  );
}

/** At first so many are shown, and so many more at a time: the effect of every repair is worked out to be shown. */
const AT_ONCE = 12;

interface ProblemListProps {
  diagnoses: readonly Diagnosis[];
  linked?: boolean;
  /** What helps against one beside changing the network. */
  helping?: (diagnosis: Diagnosis) => ReactNode;
}

export function ProblemList({ diagnoses, linked, helping }: ProblemListProps) {
  const [shown, setShown] = useState(AT_ONCE);
  const more = diagnoses.length - shown;
  return (
    <ul className="problems">
      {diagnoses.slice(0, shown).map(diagnosis => (
        <Problem
          key={`${diagnosis.node} ${diagnosis.code} ${diagnosis.message}`}
          diagnosis={diagnosis}
          {...(linked === undefined ? {} : { linked })}
        >
          {helping?.(diagnosis)}
        </Problem>
      ))}
      {more > 0 && (
        <li>
          <Button onClick={() => setShown(shown + AT_ONCE)}>
            Show {Math.min(more, AT_ONCE)} of {more} more
          </Button>
        </li>
      )}
    </ul>
  );
}

export function hasErrors(diagnoses: readonly Diagnosis[]): boolean {
  return diagnoses.some(({ severity }) => severity === 'error');
}

/** What a repair would bring: the node's new shape, Δparameters and ΔMACs of the network, what is left to do. */
function previewText({ inputShape, outputShape, deltaParams, deltaMacs, remaining }: RepairPreview): string {
  const parts: string[] = [];
  const to = outputShape && groupDigits(shapeText(outputShape));
  if (to) parts.push(inputShape ? `${groupDigits(shapeText(inputShape))} → ${to}` : to);
  if (to || deltaParams !== 0) parts.push(`${signed(deltaParams)} parameters`);
  if (deltaMacs !== 0) parts.push(`${signedShort(deltaMacs)} MACs`);
  const left = remaining.length;
  if (left > 0) parts.push(left === 1 ? '1 problem is left' : `${left} problems are left`);
  return parts.join(' · ');
}
