/** Inference: figures against published ones and by hand, faults named where they are, reuse between edits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { type Graph, graphSchema } from '../../src/engine/graph/document.ts';
import { connect, insertOnEdge, moveNodes, setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Inference } from '../../src/engine/graph/inference.ts';
import { conv2d } from '../../src/engine/layers/conv2d.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { sizeOf } from '../../src/engine/layers/shape.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const figures = (inference: Inference, id: string) => inference.nodes.get(id)!.figures!;
const codes = (graph: Graph) => diagnose(infer(graph)).map(({ code }) => code);

describe('figures', () => {
  it('of LeNet-5 are the published ones', () => {
    const inference = infer(lenet.build([1, 28, 28], 10));
    // torch: Conv2d(1, 6, 5, padding=2), Conv2d(6, 16, 5), Linear 400-120-84-10.
    expect(inference.totals.parameters).toBe(61_706);
    expect(inference.totals.macs).toBe(416_520);
    expect(figures(inference, 'pool2').shape).toEqual([16, 5, 5]);
    expect(diagnose(inference)).toEqual([]);
  });

  it('of the first AlexNet layer are those in the notes: 227×227×3, 11×11, stride 4, 96 filters give 55×55', () => {
    const graph = chain([
      ['Input', 'input', { shape: [3, 227, 227] }],
      ['Conv2d', 'conv', { outChannels: 96, kernelSize: [11, 11], stride: [4, 4], padding: [0, 0, 0, 0] }],
    ]);
    const conv = figures(infer(graph), 'conv');
    expect(conv.shape).toEqual([96, 55, 55]);
    expect(conv.parameters).toBe(34_944);
    expect(conv.why.shape).toBe('⌊(227 + 0 + 0 − 1·(11 − 1) − 1) / 4⌋ + 1 = 55');
    expect(conv.why.parameters).toBe('96 · (11·11·3 + 1)');
  });

  it('show the receptive field of the notes: two stride-2 3×3 convolutions see 7×7', () => {
    const strided = { stride: [2, 2] as const, padding: [1, 1, 1, 1] as const };
    const graph = chain([
      ['Input', 'input', { shape: [1, 28, 28] }],
      ['Conv2d', 'conv1', strided],
      ['Conv2d', 'conv2', strided],
    ]);
    const field = figures(infer(graph), 'conv2').receptiveField;
    expect(field).toEqual({ size: [7, 7], jump: [4, 4], start: [0.5, 0.5] });
  });

  it.each(layerKinds().map(kind => [kind.kind, kind] as const))(
    'of %s agree with their formula',
    (_, kind) => {
      for (const { params, input, others = [] } of kind.examples) {
        const values = kind.schema.parse(params);
        const result = kind.shape(values, input, [input, ...others]);
        if (!('shape' in result)) throw new Error('an example must work');
        const weights = kind
          .weights(values, input)
          .filter(({ learning }) => learning !== 'buffer')
          .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
        const formula = kind.countFormula(values, input).split(':')[0]!.replaceAll('·', '*');
        expect(Function(`return ${formula}`)()).toBe(weights);
        expect(kind.detail(values)).toBeTypeOf('string');
        expect(kind.help.length).toBeGreaterThan(60);
      }
    },
  );
});

describe('faults', () => {
  const base = chain([
    ['Input', 'input', { shape: [3, 8, 8] }],
    ['Conv2d', 'conv'],
    ['Flatten', 'flatten'],
    ['Linear', 'head'],
  ]);

  const faults: [string, Graph][] = [
    ['kernel-larger-than-input', setParams(base, 'conv', { kernelSize: [11, 11], padding: [0, 0, 0, 0] })],
    ['channels-not-divisible-by-groups', setParams(base, 'conv', { groups: 2 })],
    ['same-padding-with-stride', setParams(base, 'conv', { padding: 'same', stride: [2, 2] })],
    ['invalid-parameter', setParams(base, 'conv', { outChannels: -1 })],
    ['unknown-kind', { ...base, nodes: { ...base.nodes, conv: { ...base.nodes.conv!, kind: 'Conv9d' } } }],
    ['open-input', { ...base, edges: base.edges.slice(1) }],
    ['duplicate-name', { ...base, nodes: { ...base.nodes, conv: { ...base.nodes.conv!, name: 'head' } } }],
    ['cycle', { ...base, edges: [...base.edges.slice(1), { source: 'head', target: 'conv', input: 0 }] }],
    ['dangling-edge', { ...base, edges: [...base.edges, { source: 'gone', target: 'head', input: 1 }] }],
    [
      'several-outputs',
      { ...base, edges: [...base.edges.slice(0, 2), { source: 'conv', target: 'head', input: 0 }] },
    ],
    ['no-such-input', { ...base, edges: [...base.edges, { source: 'conv', target: 'head', input: 1 }] }],
    ['input-taken-twice', { ...base, edges: [...base.edges, { source: 'conv', target: 'head', input: 0 }] }],
  ];
  it.each(faults)('%s is named', (code, graph) => {
    expect(codes(graph)).toContain(code);
  });

  const layerFaults: [string, string, object, readonly number[], boolean][] = [
    ['wants-image', 'Dropout2d', {}, [9], true],
    ['wants-image', 'BatchNorm2d', {}, [9], true],
    ['wants-image', 'InstanceNorm2d', {}, [9], true],
    ['wants-image', 'LocalResponseNorm', {}, [9], true],
    ['channels-not-divisible-by-groups', 'GroupNorm', { numGroups: 4 }, [6, 5, 5], true],
    ['instance-norm-of-one-pixel', 'InstanceNorm2d', {}, [3, 1, 1], false],
    ['slopes-differ-from-channels', 'PReLU', { numParameters: 4 }, [3, 8, 8], true],
  ];
  it.each(layerFaults)(
    '%s of %s %j is named, and mended where it can be',
    (code, kind, params, shape, mended) => {
      const [channels, height = 2, width = 2] = shape as [number, number?, number?];
      const graph = chain([
        ['Input', 'input', { shape: [channels, height, width] }],
        ...(shape.length === 1 ? [['Flatten', 'flatten'] as const] : []),
        [kind, 'layer', { ...params }],
      ]);
      const [diagnosis] = diagnose(infer(graph));
      expect(diagnosis?.code).toBe(code);
      const [repair] = diagnosis!.repairs;
      expect(repair !== undefined).toBe(mended);
      const left = repair ? diagnose(infer(applyRepair(graph, 'layer', repair))) : [];
      expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
    },
  );

  it('lie where they arise, and what follows is only unknown', () => {
    const inference = infer(setParams(base, 'conv', { groups: 2 }));
    expect(diagnose(inference).map(({ node }) => node)).toEqual(['conv']);
    expect(inference.nodes.get('head')!.figures).toBeNull();
  });

  it('Linear on an image is mended by its first repair', () => {
    const graph = chain([
      ['Input', 'input', { shape: [3, 8, 8] }],
      ['Linear', 'head'],
    ]);
    const [diagnosis] = diagnose(infer(graph));
    expect(diagnosis?.message).toBe(
      'head: Linear wants a vector; it gets 3×8×8, which is 192 numbers in an image.',
    );
    const repaired = infer(applyRepair(graph, 'head', diagnosis!.repairs[0]!));
    expect(diagnose(repaired)).toEqual([]);
    expect(repaired.totals.parameters).toBe(1930);
  });
});

describe('reuse', () => {
  it('infers nothing again when nodes only move, and only what is downstream of a change', () => {
    const graph = lenet.build([1, 28, 28], 10);
    const before = infer(graph);
    const moved = infer(moveNodes(graph, { conv1: { x: 50, y: 60 } }), before);
    for (const [id, node] of before.nodes) expect(moved.nodes.get(id)!.figures).toBe(node.figures);
    const edited = infer(setParams(graph, 'fc1', { outFeatures: 60 }), before);
    expect(edited.nodes.get('conv2')).toBe(before.nodes.get('conv2'));
    expect(figures(edited, 'fc2').parameters).toBe(60 * 84 + 84);
  });

  it('equals inference from scratch after any edits', () => {
    const graph = lenet.build([1, 28, 28], 10);
    const edit = fc.oneof(
      fc.record({ channels: fc.integer({ min: 1, max: 9 }), node: fc.constantFrom('conv1', 'conv2') }),
      fc.record({ edge: fc.nat(11) }),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), edits => {
        let [current, inference] = [graph, infer(graph)];
        for (const change of edits) {
          current =
            'node' in change
              ? setParams(current, change.node, { outChannels: change.channels })
              : insertOnEdge(current, current.edges[change.edge]!, conv2d).graph;
          inference = infer(current, inference);
        }
        const scratch = infer(current);
        const { nodes, ...rest } = scratch;
        expect({ ...inference, nodes: undefined }).toEqual({ ...rest, nodes: undefined });
        expect(diagnose(inference)).toEqual(diagnose(scratch));
        for (const [id, node] of nodes) expect(inference.nodes.get(id)!.figures).toEqual(node.figures);
      }),
      { numRuns: 40 },
    );
  });
});

it('never throws on a graph that passes the schema', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const kind = fc.constantFrom(...layerKinds().map(each => each.kind), 'Nothing');
  const number = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.constant(2 ** 40));
  const value = fc.oneof(
    number,
    fc.array(number, { maxLength: 4 }),
    fc.constantFrom('same', 'valid', '', true),
  );
  const key = fc.constantFrom(
    'shape',
    'outChannels',
    'kernelSize',
    'stride',
    'padding',
    'groups',
    'outFeatures',
  );
  const node = fc.record({ kind, name: id, params: fc.dictionary(key, value), x: number, y: number });
  const edge = fc.record({ source: id, target: id, input: fc.nat(2) });
  fc.assert(
    fc.property(fc.dictionary(id, node), fc.array(edge, { maxLength: 8 }), (nodes, edges) => {
      const graph = graphSchema.safeParse({ nodes, edges });
      if (!graph.success) return;
      const inference = infer(graph.data);
      expect(inference.nodes.size).toBe(Object.keys(nodes).length);
    }),
    { numRuns: 500 },
  );
});

it('refuses an edge that would close a cycle, and keeps the graph', () => {
  const graph = lenet.build([1, 28, 28], 10);
  expect(connect(graph, { source: 'fc1', target: 'conv1', input: 0 })).toBe(graph);
});

it('infers anew what was on a cycle, an Input too', () => {
  const graph = lenet.build([1, 28, 28], 10);
  const cyclic = { ...graph, edges: [...graph.edges, { source: 'fc3', target: 'input', input: 0 }] };
  const mended = infer(graph, infer(cyclic));
  expect(diagnose(mended)).toEqual([]);
  expect(mended.totals.parameters).toBe(61_706);
});
