/** What is wrong and how to mend it: each repair shows what it would do before it is taken. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { repaired } from '../../engine/graph/applyRepair.ts';
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import { type RepairPreview, rankRepairs } from '../../engine/graph/repairs.ts';
import type { Repair } from '../../engine/layers/repair.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { useWholeInference } from '../store/documentInference.ts';
import { edit, useNetwork } from '../store/openDocument.ts';
import { groupDigits, signed, signedShort } from '../ui/numberFormat.ts';
import { showLayer } from './showNode.ts';
import './problems.css';

interface ProblemProps {
  diagnosis: Diagnosis;
  /** Whether the node concerned is named as a link to it. */
  linked?: boolean;
  /** Whether its repairs are shown from the start; else when they are asked for. */
  opened?: boolean;
  /** What helps beside changing the network, before that. */
  children?: ReactNode;
}

function Problem({ diagnosis, linked = false, opened = true, children }: ProblemProps) {
  const [asked, setAsked] = useState(false);
  const { node, severity, message } = diagnosis;
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
      {opened || asked ? (
        <Repairs diagnosis={diagnosis} />
      ) : (
        <Button className="problem-ask" aria-label={`Show repairs: ${text}`} onClick={() => setAsked(true)}>
          Show repairs
        </Button>
      )}
    </li>
  );
}

/** Each with its effect, which is worked out to be shown. */
function Repairs({ diagnosis }: { diagnosis: Diagnosis }) {
  const graph = useNetwork();
  const inference = useWholeInference();
  const previews = useMemo(() => rankRepairs(graph, inference, diagnosis), [graph, inference, diagnosis]);
  return previews.map(preview => (
    <div className="fix" key={preview.repair.title}>
      <b>{preview.repair.title}</b>
      <Button
        aria-label={`Apply: ${preview.repair.title}`}
        onClick={() => repair(diagnosis.node, preview.repair)}
      >
        Apply
      </Button>
      <span className="tiny">{previewText(preview)}</span>
    </div>
  ));
}

/** Takes a repair of a layer anywhere in the network: one step of undo, however many edits it is. */
function repair(id: NodeId | null, choice: Repair): void {
  edit(document => repaired(document, id, choice));
}

/** At first so many are shown, and so many more at a time. */
const PROBLEMS_PER_PAGE = 12;

/**
 * Of so many layers in all the first problems' repairs are worked out unasked, at every edit: in a network of some
 * hundred layers of all problems that are shown, in one of thousands of the first.
 */
const UNASKED_LAYERS = 10_000;
const USUAL_REPAIRS = 3;

function useOpenedCount(): number {
  const layers = useWholeInference(({ nodes }) => nodes.size);
  return Math.max(1, Math.floor(UNASKED_LAYERS / (USUAL_REPAIRS * layers + 1)));
}

interface ProblemListProps {
  diagnoses: readonly Diagnosis[];
  linked?: boolean;
  /** What helps against one beside changing the network. */
  helping?: (diagnosis: Diagnosis) => ReactNode;
}

export function ProblemList({ diagnoses, linked, helping }: ProblemListProps) {
  const [shown, setShown] = useState(PROBLEMS_PER_PAGE);
  const opened = useOpenedCount();
  const more = diagnoses.length - shown;
  return (
    <ul className="problems">
      {diagnoses.slice(0, shown).map((diagnosis, i) => (
        <Problem
          key={`${diagnosis.node} ${diagnosis.code} ${diagnosis.message}`}
          diagnosis={diagnosis}
          opened={i < opened}
          {...(linked === undefined ? {} : { linked })}
        >
          {helping?.(diagnosis)}
        </Problem>
      ))}
      {more > 0 && (
        <li>
          <Button onClick={() => setShown(shown + PROBLEMS_PER_PAGE)}>
            Show {Math.min(more, PROBLEMS_PER_PAGE)} of {more} more
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
