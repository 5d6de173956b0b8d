/** Asks which value of a field gives a wanted output size: the answers are listed, and a click sets one. */
import { Button } from '@mantine/core';
import { IconMathFunction } from '@tabler/icons-react';
import { useState } from 'react';
import type { NodeId } from '../../engine/graph/document.ts';
import { setParams } from '../../engine/graph/edits.ts';
import {
  type FieldAnswer,
  presentOutput,
  type Solvable,
  type SolvableField,
  solveField,
} from '../../engine/graph/fieldSolver.ts';
import type { Pair } from '../../engine/layers/fields.ts';
import { pairText } from '../../engine/layers/window.ts';
import { endGesture } from '../store/openDocument.ts';
import { editGraph } from '../store/openDrawing.ts';
import { FieldPopover } from '../ui/fieldPopover.tsx';
import { isSize, WantedSize } from './wantedSize.tsx';
import './solver.css';

interface SolverProps {
  id: NodeId;
  field: SolvableField;
  /** As the form calls it. */
  label: string;
  solvable: Solvable;
}

export function FieldSolver(props: SolverProps) {
  const title = `Solve for ${props.label.toLowerCase()}`;
  return (
    <FieldPopover title={title} icon={<IconMathFunction size={14} />} width={300}>
      {close => <Answers {...props} onTaken={close} />}
    </FieldPopover>
  );
}

function Answers({ id, field, label, solvable, onTaken }: SolverProps & { onTaken: () => void }) {
  const [wanted, setWanted] = useState<readonly unknown[]>(() => presentOutput(solvable));
  const isValid = isSize(wanted);
  const { answers, why } = isValid
    ? solveField(solvable, field, wanted as unknown as Pair)
    : { answers: [], why: 'Whole numbers above zero are wanted.' };
  const take = (answer: FieldAnswer) => {
    endGesture();
    editGraph(graph => setParams(graph, id, answer.setParams));
    onTaken();
  };
  return (
    <div className="solver">
      <p className="dim">
        {solvable.input.join(' × ')} comes in. Which {label.toLowerCase()} gives
      </p>
      <WantedSize wanted={wanted} onChange={setWanted} />
      {why !== null && <p role="status">{why}</p>}
      {why !== null && answers.length > 0 && <p className="dim">These come near:</p>}
      {why === null && answers.length === 0 && <p role="status">Only what stands there.</p>}
      <ul>
        {answers.map(answer => (
          <li key={`${answer.title} ${answer.output}`}>
            <Button
              fullWidth
              justify="space-between"
              rightSection={<span className="tiny">{outcome(answer)}</span>}
              onClick={() => take(answer)}
            >
              {answer.title}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function outcome({ output, unread }: FieldAnswer): string {
  const most = Math.max(...unread);
  return `→ ${pairText(output)}${most > 0 ? ` · ${most} unread` : ''}`;
}
