/** Asks which image size gives a wanted size further on in the network; a click sets the Input. */
import { Button, NativeSelect } from '@mantine/core';
import { IconMathFunction } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { NodeId } from '../../engine/graph/document.ts';
import { setParams } from '../../engine/graph/edits.ts';
import { type InputAnswers, sizedNodes, solveInput } from '../../engine/graph/inputSolver.ts';
import type { Pair } from '../../engine/layers/fields.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { pairText } from '../../engine/layers/window.ts';
import { useInference } from '../store/documentInference.ts';
import { endGesture } from '../store/openDocument.ts';
import { editGraph, useGraph } from '../store/openDrawing.ts';
import { FieldPopover } from '../ui/fieldPopover.tsx';
import { isSize, WantedSize } from './wantedSize.tsx';
import './solver.css';

export function InputSolver({ id }: { id: NodeId }) {
  const inference = useInference();
  if (sizedNodes(inference).length === 0) return null;
  return (
    <FieldPopover title="Solve for the shape of the images" icon={<IconMathFunction size={14} />} width={300}>
      {close => <Answers id={id} onTaken={close} />}
    </FieldPopover>
  );
}

/** The last image that is still more than one pixel: what people have a wish about. */
function usualNode(nodes: readonly NodeId[], sizeAt: (id: NodeId) => Pair): NodeId {
  return nodes.findLast(id => sizeAt(id).some(extent => extent > 1)) ?? nodes.at(-1)!;
}

function Answers({ id, onTaken }: { id: NodeId; onTaken: () => void }) {
  const graph = useGraph();
  const inference = useInference();
  const sizeAt = (node: NodeId): Pair => {
    const [, height = 1, width = 1] = inference.nodes.get(node)?.figures?.shape ?? [];
    return [height, width];
  };
  const nodes = sizedNodes(inference);
  const [at, setAt] = useState(() => usualNode(nodes, sizeAt));
  const [wanted, setWanted] = useState<readonly unknown[]>(() => sizeAt(at));
  const isValid = isSize(wanted);
  const { answers, why } = useMemo(
    (): InputAnswers =>
      isValid
        ? solveInput(graph, id, at, wanted as unknown as Pair)
        : { answers: [], why: 'Whole numbers above zero are wanted.' },
    [graph, id, at, wanted, isValid],
  );
  return (
    <div className="solver">
      <NativeSelect
        label="Which images give, at"
        data={nodes.map(node => ({ value: node, label: graph.nodes[node]!.name }))}
        value={at}
        onChange={event => {
          setAt(event.currentTarget.value);
          setWanted(sizeAt(event.currentTarget.value));
        }}
      />
      <WantedSize wanted={wanted} onChange={setWanted} />
      {why !== null && <p role="status">{why}</p>}
      {why !== null && answers.length > 0 && <p className="dim">These come near:</p>}
      <ul>
        {answers.map(({ shape, output }) => (
          <li key={shapeText(shape)}>
            <Button
              fullWidth
              justify="space-between"
              rightSection={<span className="tiny">→ {pairText(output)}</span>}
              onClick={() => {
                endGesture();
                editGraph(current => setParams(current, id, { shape }));
                onTaken();
              }}
            >
              {shapeText(shape)}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
