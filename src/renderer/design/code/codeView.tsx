/** Code that follows the network: a line belongs to a node, so that each leads to the other. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { CodeLine } from '../../../engine/formats/code.ts';
import type { NodeId } from '../../../engine/graph/document.ts';
import { showLayer, showNode } from '../../graphView/showNode.ts';
import { useSelection } from '../../store/canvasSelection.ts';
import { useNetwork } from '../../store/openDocument.ts';
import { scopeNow, useScope } from '../../store/openDrawing.ts';
import { Highlighted } from './highlight.tsx';
import { nodeOfLine } from './lineNode.ts';

const LINE = 18;

interface CodeViewProps {
  label: string;
  lines: readonly CodeLine[];
  /** Whether each copy of a block has lines of its own. */
  isApart: boolean;
}

export function CodeView({ label, lines, isApart }: CodeViewProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const selected = useSelection(state => state.nodes);
  const nodes = useNodes(lines, isApart);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE,
    overscan: 12,
  });
  useFollowSelection(nodes, selected, line => virtual.scrollToIndex(line, { align: 'auto' }));
  const choose = (index: number) => {
    setActive(index);
    showLine(lines[index]?.node, nodes[index], isApart);
  };
  const move = (to: number) => {
    const index = Math.max(0, Math.min(to, lines.length - 1));
    setActive(index);
    virtual.scrollToIndex(index, { align: 'auto' });
  };
  const steps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, PageUp: -12, PageDown: 12 };
  const widest = Math.max(0, ...lines.map(({ text }) => text.length));
  const shown = virtual.getVirtualItems();
  return (
    <div
      className="code-view"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      ref={scroll}
      aria-activedescendant={shown.some(({ index }) => index === active) ? `code-line-${active}` : undefined}
      onKeyDown={event => {
        const step = steps[event.key];
        if (step !== undefined) move(active + step);
        else if (event.key === 'Enter') choose(active);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <div style={{ height: virtual.getTotalSize(), minWidth: `calc(${widest + 2}ch + 56px)` }}>
        {shown.map(({ index, start }) => {
          const { text } = lines[index]!;
          const node = nodes[index] ?? null;
          return (
            <Line
              key={index}
              index={index}
              text={text}
              node={node}
              isSelected={node !== null && selected.has(node)}
              isActive={index === active}
              start={start}
              onChoose={() => choose(index)}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  index: number;
  text: string;
  node: NodeId | null;
  isSelected: boolean;
  isActive: boolean;
  /** In pixels from the first. */
  start: number;
  onChoose: () => void;
}

function Line({ index, text, node, isSelected, isActive, start, onChoose }: LineProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys, and names this line as the active one
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
    <div
      id={`code-line-${index}`}
      role="option"
      aria-selected={isSelected}
      aria-label={text.trim() ? undefined : 'empty'}
      data-active={isActive || undefined}
      data-node={node ?? undefined}
      className="code-line"
      style={{ top: start, height: LINE }}
      onClick={onChoose}
    >
      <span className="code-number" aria-hidden="true">
        {index + 1}
      </span>
      <Highlighted line={text} />
    </div>
  );
}

/** Shows what a line is of: a line of a block that is not open opens it; a copy that is drawn here is selected. */
function showLine(id: NodeId | null | undefined, drawn: NodeId | null | undefined, isApart: boolean): void {
  if (id == null) return;
  const isInside = isApart && drawn != null && scopeNow() + drawn !== id;
  if (drawn != null && !isInside) showNode(drawn);
  else showLayer(id);
}

/** The node of each line in the drawing that the canvas shows. */
function useNodes(lines: readonly CodeLine[], isApart: boolean): readonly (NodeId | null)[] {
  const network = useNetwork();
  const scope = useScope(state => state.scope);
  return useMemo(
    () => lines.map(({ node }) => node && nodeOfLine(node, { network, scope, isApart })),
    [lines, network, scope, isApart],
  );
}

/** Brings the lines of a node that was just selected into sight. */
function useFollowSelection(
  nodes: readonly (NodeId | null)[],
  selected: ReadonlySet<string>,
  scrollTo: (line: number) => void,
): void {
  const followed = useRef(selected);
  useEffect(() => {
    if (followed.current === selected) return;
    followed.current = selected;
    const line = nodes.findIndex(node => node !== null && selected.has(node));
    if (line >= 0) scrollTo(line);
  }, [nodes, selected, scrollTo]);
}
