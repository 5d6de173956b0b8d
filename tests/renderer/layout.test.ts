/** Laying out: nothing overlaps, data flows down, chains are straight, for every network of the zoo. */
import { expect, it } from 'vitest';
import { nodeRect, overlaps } from '../../src/engine/graph/rect.ts';
import { zooModels } from '../../src/engine/zoo/registry.ts';
import { layOutGraph } from '../../src/renderer/design/layout.ts';

it.each(zooModels())('$title', model => {
  const { nodes, edges } = model.build(model.input, model.classes);
  const ids = Object.keys(nodes);
  const places = layOutGraph({ nodes: ids, edges });
  for (const { source, target } of edges) expect(places[source]!.y).toBeLessThan(places[target]!.y);
  const rows = Map.groupBy(ids, id => places[id]!.y);
  for (const row of rows.values()) {
    const rects = row.map(id => nodeRect(places[id]!)).toSorted((a, b) => a.x - b.x);
    for (const [i, rect] of rects.entries()) if (i > 0) expect(overlaps(rects[i - 1]!, rect)).toBe(false);
  }
  const [outs, ins] = [Map.groupBy(edges, each => each.source), Map.groupBy(edges, each => each.target)];
  const chain = edges.filter(
    ({ source, target }) => outs.get(source)!.length + ins.get(target)!.length === 2,
  );
  const crooked = chain.filter(({ source, target }) => places[source]!.x !== places[target]!.x);
  expect(crooked).toEqual([]);
});
