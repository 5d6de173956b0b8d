/** Code that follows the network: a line belongs to a node, so that each leads to the other. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { CodeLine } from '../../../engine/formats/code.ts';
import { useSelection } from '../../store/selection.ts';
import { showNode } from '../showNode.ts';
import { Highlighted } from './highlight.tsx';

const LINE = 18;

interface CodeViewProps {
  label: string;
  lines: readonly CodeLine[];
}

export function CodeView({ label, lines }: CodeViewProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const selected = useSelection(state => state.nodes);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE,
    overscan: 12,
  });
  useFollowSelection(lines, selected, line => virtual.scrollToIndex(line, { align: 'auto' }));
  const choose = (index: number) => {
    const node = lines[index]?.node;
    setActive(index);
    if (node != null) showNode(node);
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
          const { text, node } = lines[index]!;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys, and names this line as the active one
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus
            <div
              key={index}
              id={`code-line-${index}`}
              role="option"
              aria-selected={node !== null && selected.has(node)}
              aria-label={text.trim() ? undefined : 'empty'}
              data-active={index === active || undefined}
              data-node={node ?? undefined}
              className="code-line"
              style={{ top: start, height: LINE }}
              onClick={() => choose(index)}
            >
              <span className="code-number" aria-hidden="true">
                {index + 1}
              </span>
              <Highlighted line={text} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Brings the lines of a node that was just selected into sight. */
function useFollowSelection(
  lines: readonly CodeLine[],
  selected: ReadonlySet<string>,
  scrollTo: (line: number) => void,
): void {
  const followed = useRef(selected);
  useEffect(() => {
    if (followed.current === selected) return;
    followed.current = selected;
    const line = lines.findIndex(({ node }) => node !== null && selected.has(node));
    if (line >= 0) scrollTo(line);
  }, [lines, selected, scrollTo]);
}
