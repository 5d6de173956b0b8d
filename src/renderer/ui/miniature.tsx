/**
 * A network at the size of a stamp: each layer a bar in its family's hue, from left to right as data flows, branches
 * one above the other. Wide networks are compressed, so that each fills the same room.
 */
import { memo } from 'react';
import type { Graph } from '../../engine/graph/document.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import { hueOf } from './families.ts';

const MINIATURE_WIDTH = 200;
const MINIATURE_HEIGHT = 64;
const MINIATURE_MARGIN = 6;
/** The most that two layers of a short chain lie apart, and two branches. */
const WIDEST_SPACING = { along: 14, across: 20 };
/** Of the distance to the next layer, what a bar takes. */
const BAR_SHARE = 0.62;
const LONGEST_BAR = 26;

export const Miniature = memo(function Miniature({ graph }: { graph: Graph }) {
  const nodes = Object.entries(graph.nodes);
  if (nodes.length === 0)
    return <svg className="miniature" viewBox={`0 0 ${MINIATURE_WIDTH} ${MINIATURE_HEIGHT}`} aria-hidden />;
  const along = ranks(nodes.map(([, { y }]) => y));
  const across = ranks(nodes.map(([, { x }]) => x));
  const stepX = Math.min(WIDEST_SPACING.along, (MINIATURE_WIDTH - 2 * MINIATURE_MARGIN) / along.size);
  const stepY = Math.min(WIDEST_SPACING.across, (MINIATURE_HEIGHT - 2 * MINIATURE_MARGIN) / across.size);
  const bar = {
    width: Math.max(0.8, stepX * BAR_SHARE),
    height: across.size === 1 ? LONGEST_BAR : stepY * 0.72,
  };
  const left = (MINIATURE_WIDTH - stepX * along.size) / 2;
  const top = (MINIATURE_HEIGHT - stepY * across.size) / 2;
  const at = new Map(
    nodes.map(([id, { x, y }]) => [
      id,
      { x: left + stepX * (along.get(y)! + 0.5), y: top + stepY * (across.get(x)! + 0.5) },
    ]),
  );
  const lines = graph.edges.flatMap(({ source, target }) => {
    const [from, to] = [at.get(source), at.get(target)];
    return from && to
      ? [`M${from.x.toFixed(1)} ${from.y.toFixed(1)}L${to.x.toFixed(1)} ${to.y.toFixed(1)}`]
      : [];
  });
  return (
    <svg className="miniature" viewBox={`0 0 ${MINIATURE_WIDTH} ${MINIATURE_HEIGHT}`} aria-hidden>
      <path
        d={lines.join('')}
        stroke="var(--line-strong)"
        strokeWidth={Math.min(1.2, stepX / 3)}
        fill="none"
      />
      {nodes.map(([id, { kind }]) => (
        <rect
          key={id}
          x={at.get(id)!.x - bar.width / 2}
          y={at.get(id)!.y - bar.height / 2}
          {...bar}
          rx={Math.min(2, bar.width / 3)}
          fill={hueOf(layerKind(kind)?.family)}
        />
      ))}
    </svg>
  );
});

/** The place of each coordinate among those that occur: gaps that nothing lies in are not drawn. */
function ranks(values: readonly number[]): Map<number, number> {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return new Map(sorted.map((value, i) => [value, i]));
}
