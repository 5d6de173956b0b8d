/**
 * Thousands of random settings of every layer kind on random inputs, many of them impossible: what PyTorch makes
 * of each stands in expected/shapes.json (shapes.py). Seeded, so that the cases need not be kept.
 */
import type { Graph } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { initialValues } from '../../src/engine/layers/fields.ts';
import type { LayerKind } from '../../src/engine/layers/layer.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import type { Shape } from '../../src/engine/layers/shape.ts';
import { philox } from '../../src/engine/runtime/philox.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

export interface ShapeCase {
  kind: string;
  params: Record<string, unknown>;
  inputs: Shape[];
}

const PER_KIND = 60;

/** Numbers of one case, the same for the same kind and position. */
function drawer(kind: number, position: number): (count: number) => number {
  let drawn = 0;
  return count => philox([drawn++, position, kind, 0], 20_251, 9)[0] % count;
}

type Draw = ReturnType<typeof drawer>;

/** A small whole number, most often 1, 2 or 3. */
const small = (draw: Draw, least: number) => least + [0, 0, 1, 1, 2, 2, 3, 4, 6][draw(9)]!;

function drawParams(kind: LayerKind, draw: Draw): Record<string, unknown> {
  const params: Record<string, unknown> = { ...initialValues(kind.fields) };
  for (const [name, field] of Object.entries(kind.fields)) {
    const least = Math.max(field.min ?? 0, 0);
    if (field.widget === 'integer') params[name] = small(draw, least);
    if (field.widget === 'pair') params[name] = [small(draw, least), small(draw, least)];
    if (field.widget === 'toggle') params[name] = draw(2) === 1;
    if (field.widget === 'choice' || field.widget === 'kernel')
      params[name] = field.options![draw(field.options!.length)];
    if (field.widget === 'padding') {
      const sides = Array.from({ length: 4 }, () => small(draw, 0));
      const rules = (field.options ?? ['same', 'valid']) as string[];
      const rule = rules[draw(3)];
      params[name] = rule !== undefined && field.schema.safeParse(rule).success ? rule : sides;
    }
  }
  // Known kernels are ours alone.
  if ('weights' in params) params.weights = 'learned';
  // What acts by chance is tried where it does nothing: PyTorch has no module for some of it.
  if (kind.family === 'regularisation') for (const name of ['p', 'std']) if (name in params) params[name] = 0;
  return params;
}

function drawShape(draw: Draw): Shape {
  if (draw(8) === 0) return [1 + draw(12)];
  return [1 + draw(8), 1 + draw(14), 1 + draw(14)];
}

/** The kinds that PyTorch has a rule for; where images enter and answers leave is ours alone. */
export const foreignKinds = (): readonly LayerKind[] => layerKinds().filter(({ family }) => family !== 'io');

export function shapeCases(): ShapeCase[] {
  return foreignKinds().flatMap((kind, k) =>
    Array.from({ length: PER_KIND }, (_, position) => {
      const draw = drawer(k, position);
      const params = drawParams(kind, draw);
      const input = drawShape(draw);
      const others = kind.inputs === 'several' ? [draw(2) ? input : drawShape(draw)] : [];
      return { kind: kind.kind, params, inputs: [input, ...others] };
    }),
  );
}

const GRAPHS = 300;

/** Random networks: chains with branches that are added or laid side by side, many of them impossible somewhere. */
export function graphCases(): Graph[] {
  const kinds = foreignKinds();
  return Array.from({ length: GRAPHS }, (_, g) => {
    const draw = drawer(1000, g);
    const shape = [1 + draw(6), 8 + draw(12), 8 + draw(12)];
    let graph = chain([['Input', 'n0', { shape }]]);
    for (let i = 1; i <= 3 + draw(7); i++) {
      const kind = kinds[draw(kinds.length)]!;
      const node = { ...newNode(graph, kind, { x: 0, y: 0 }, gentle(kind, draw)), name: `n${i}` };
      graph = addNode(graph, node, `n${i}`).graph;
      const sources = kind.inputs === 'several' ? [i - 1, draw(i)] : [draw(4) === 0 ? draw(i) : i - 1];
      for (const [input, source] of sources.entries()) {
        graph = connect(graph, { source: `n${source}`, target: `n${i}`, input });
      }
    }
    return graph;
  });
}

/** Settings as they start, one in four of them drawn, so that most networks get some way. */
function gentle(kind: LayerKind, draw: Draw): Record<string, unknown> {
  const drawn = drawParams(kind, draw);
  const params = { ...initialValues(kind.fields) } as Record<string, unknown>;
  for (const name of Object.keys(params)) if (draw(4) === 0) params[name] = drawn[name];
  for (const name of ['p', 'std', 'weights']) if (name in params) params[name] = drawn[name];
  return params;
}

/** The shape that our rule gives; null where it refuses. */
export function ourShape({ kind: name, params, inputs }: ShapeCase): Shape | null {
  const kind = layerKinds().find(other => other.kind === name)!;
  const parsed = kind.schema.safeParse(params);
  if (!parsed.success) return null;
  const result = kind.shape(parsed.data, inputs[0]!, inputs);
  return 'shape' in result ? result.shape.value : null;
}
