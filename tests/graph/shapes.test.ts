/** Output shapes against PyTorch's, for thousands of settings and hundreds of networks, refusals included. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Shape } from '../../src/engine/layers/shape.ts';
import { foreignKinds, graphCases, ourShape, type ShapeCase, shapeCases } from '../oracles/shapeCases.ts';

const expected: { layers: (Shape | null)[]; graphs: (Shape | null)[][] } = JSON.parse(
  readFileSync(new URL('../oracles/expected/shapes.json', import.meta.url), 'utf8'),
);

/**
 * Where we refuse what PyTorch takes: it reads a batch of vectors as one image, lets Linear weigh the last axis
 * of an image, and repeats a smaller image until it can be added. In a network of images these are mistakes.
 */
function isStricter(kind: string, inputs: readonly (Shape | null)[]): boolean {
  if (inputs.length > 1) return new Set(inputs.map(String)).size > 1;
  return kind === 'Linear' ? inputs[0]?.length === 3 : inputs[0]?.length === 1;
}

const cases = shapeCases();

it.each(foreignKinds().map(({ kind }) => kind))('%s', kind => {
  const tried = cases.flatMap((each, i): [ShapeCase, Shape | null][] =>
    each.kind === kind ? [[each, expected.layers[i]!]] : [],
  );
  expect(tried.length).toBeGreaterThanOrEqual(60);
  for (const [each, wanted] of tried) {
    const ours = ourShape(each);
    if (ours === null && wanted !== null)
      expect(isStricter(kind, each.inputs), JSON.stringify(each)).toBe(true);
    else expect(ours, JSON.stringify(each)).toEqual(wanted);
  }
});

it('tries more than two thousand settings, a good part of them refused', () => {
  expect(cases.length).toBeGreaterThan(2000);
  expect(expected.layers.length).toBe(cases.length);
  expect(expected.layers.filter(shape => shape === null).length).toBeGreaterThan(300);
});

it('of 300 random networks, node by node', () => {
  const graphs = graphCases();
  expect(graphs).toHaveLength(300);
  let agreed = 0;
  for (const [g, graph] of graphs.entries()) {
    const { nodes } = infer(graph);
    const names = Object.keys(graph.nodes);
    const strictBefore = new Set<string>();
    for (const [i, name] of names.entries()) {
      const { node, figures } = nodes.get(name)!;
      const sources = graph.edges.filter(({ target }) => target === name).map(({ source }) => source);
      const inputs = sources.map(source => nodes.get(source)!.figures?.shape ?? null);
      const wanted = expected.graphs[g]![i]!;
      // Behind a place where we are stricter, PyTorch goes on and we do not.
      const stricter = isStricter(node.kind, inputs) || sources.some(source => strictBefore.has(source));
      if (!figures && wanted && stricter) {
        strictBefore.add(name);
        continue;
      }
      expect(figures?.shape ?? null, `network ${g}, ${name}: ${JSON.stringify(node)}`).toEqual(wanted);
      agreed++;
    }
  }
  expect(agreed).toBeGreaterThan(1500);
});
