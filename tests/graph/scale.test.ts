/**
 * Work that ends: networks of thousands of layers, of thousands of problems, of blocks within blocks. Where it can be said,
 * it is counted what is looked at; else the limits are such that looking at every pair of layers passes them by far.
 */
import { describe, expect, it, vi } from 'vitest';
import { CompileError } from '../../src/engine/compile/program.ts';
import { codeText } from '../../src/engine/formats/code.ts';
import { kerasCode } from '../../src/engine/formats/keras.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import { dissolveBlock, makeBlock, refusesDissolving } from '../../src/engine/graph/blockEdits.ts';
import { DOCUMENT_BUDGET } from '../../src/engine/graph/budget.ts';
import { clipText, pasteClip, readClip, takeClip } from '../../src/engine/graph/clipboardText.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { diffGraphs } from '../../src/engine/graph/diff.ts';
import {
  type Block,
  DocumentError,
  formatDocument,
  type Graph,
  type GraphNode,
  newDocument,
  parseDocument,
} from '../../src/engine/graph/document.ts';
import { removeNodes, setParams } from '../../src/engine/graph/edits.ts';
import { MAX_LAYERS } from '../../src/engine/graph/extent.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { RANKING_BUDGET, rankFirst, rankRepairs } from '../../src/engine/graph/repairs.ts';
import { conv2d } from '../../src/engine/layers/conv2d.ts';
import { relu } from '../../src/engine/layers/relu.ts';
import { compileForTraining } from '../../src/engine/runtime/trainingModel.ts';

/** Far more than any of it takes, far less than looking at every pair of layers did. */
const LIMIT = 60_000;

type Kinds = readonly (readonly [kind: string, params?: object])[];

const input: GraphNode = { kind: 'Input', name: 'input', params: { shape: [3, 32, 32] }, x: 0, y: 0 };

function layers(count: number, kinds: Kinds): Graph['nodes'] {
  const entries = Array.from({ length: count }, (_, i): [string, GraphNode] => {
    const [kind, params = {}] = kinds[i % kinds.length]!;
    return [`n${i}`, { kind, name: `l${i}`, params: { ...params }, x: (i % 40) * 250, y: 80 * (i + 1) }];
  });
  return { input, ...Object.fromEntries(entries) };
}

const CONV = ['Conv2d', { outChannels: 8, kernelSize: [3, 3], padding: [1, 1, 1, 1] }] as const;

/** One layer behind the other. */
function chainOf(count: number, kinds: Kinds): Graph {
  const nodes = layers(count, kinds);
  const ids = Object.keys(nodes);
  return { nodes, edges: ids.slice(1).map((target, i) => ({ source: ids[i]!, target, input: 0 })) };
}

const looseEnds = (count: number): Graph => ({ nodes: layers(count, [['ReLU']]), edges: [] });

/** Layers that all take from the Input, and that nothing takes from. */
function fanOf(count: number): Graph {
  const nodes = layers(count, [['ReLU']]);
  const ids = Object.keys(nodes).slice(1);
  return { nodes, edges: ids.map(target => ({ source: 'input', target, input: 0 })) };
}

/** Blocks that each hold copies of the next, one copy repeated or several in a row. */
function nested(depth: number, repeat: number, row = 1): Graph & { blocks: Record<string, Block> } {
  const node = (kind: string, name: string, params: GraphNode['params']): GraphNode => ({
    kind,
    name,
    params,
    x: 0,
    y: 0,
  });
  const blocks = Array.from({ length: depth }, (_, level): [string, Block] => {
    const copies = Array.from({ length: row }, (_, i) =>
      level === 0
        ? node('ReLU', `act${i}`, {})
        : node('Block', `inner${i}`, { block: `b${level - 1}`, repeat }),
    );
    const nodes: Record<string, GraphNode> = { in: node('BlockInput', 'in', { index: 0 }) };
    const ids = ['in', ...copies.map((_, i) => `x${i}`)];
    for (const [i, copy] of copies.entries()) nodes[`x${i}`] = copy;
    const edges = ids.slice(1).map((target, i) => ({ source: ids[i]!, target, input: 0 }));
    return [`b${level}`, { name: `level ${level}`, exposed: [], graph: { nodes, edges } }];
  });
  const top = node('Block', 'top', { block: `b${depth - 1}`, repeat });
  return {
    nodes: { input, top },
    edges: [{ source: 'input', target: 'top', input: 0 }],
    blocks: Object.fromEntries(blocks),
  };
}

describe('A network with a thousand problems', () => {
  it(
    'is judged without a repair being made, and ranks repairs within a budget',
    () => {
      const graph = chainOf(500, [CONV]);
      const inference = infer(graph);
      const shapes = vi.spyOn(conv2d, 'shape');
      const ranked = rankFirst(graph, inference, diagnose(inference));
      expect(diagnose(inference).length).toBeGreaterThanOrEqual(499);
      expect(ranked.length).toBeGreaterThan(20);
      expect(ranked.length).toBeLessThan(499);
      expect(ranked[0]![0]!.mends).toBe(true);
      expect(shapes.mock.calls.length).toBeLessThanOrEqual(RANKING_BUDGET);
      shapes.mockRestore();
    },
    LIMIT,
  );

  it.each([
    ['loose ends', looseEnds(4000), 'unused-node', 4000],
    ['ends', fanOf(4000), 'several-outputs', 1],
    ['open inputs', chainOf(4000, [['Add']]), 'open-input', 4000],
  ] as const)(
    'is judged and mended with 4,000 %s',
    (_, graph, code, count) => {
      const inference = infer(graph);
      const found = diagnose(inference).filter(each => each.code === code);
      expect(found).toHaveLength(count);
      const [best] = rankRepairs(graph, inference, found[0]!);
      expect(best!.mends).toBe(true);
      expect(rankFirst(graph, inference, diagnose(inference)).length).toBeGreaterThan(0);
      expect(() => compileForTraining(newDocument('x', graph))).toThrow(CompileError);
    },
    LIMIT,
  );

  it(
    'infers anew what an edit changed and nothing else',
    () => {
      const graph = looseEnds(1000);
      const sound = chainOf(1000, [['ReLU']]);
      const nodes = { ...sound.nodes };
      for (const [id, node] of Object.entries(graph.nodes))
        if (id !== 'input') nodes[`loose ${id}`] = { ...node, name: `${node.name}b` };
      const both = { nodes, edges: sound.edges };
      const before = infer(both);
      expect(diagnose(before).length).toBeGreaterThanOrEqual(1000);
      const shapes = vi.spyOn(relu, 'shape');
      const after = infer(setParams(both, 'n999', { alpha: 1 }), before);
      expect(diagnose(after).some(({ code }) => code === 'invalid-parameter')).toBe(true);
      infer(both, after);
      expect(shapes.mock.calls.length).toBeLessThanOrEqual(2);
      shapes.mockRestore();
    },
    LIMIT,
  );

  it(
    'is judged and mended with 10,000 edges into one input',
    () => {
      const graph = chainOf(1, [['ReLU']]);
      const edges = Array.from({ length: 10_000 }, () => graph.edges[0]!);
      const inference = infer({ ...graph, edges });
      const shapes = vi.spyOn(relu, 'shape');
      expect(rankFirst({ ...graph, edges }, inference, diagnose(inference))).toHaveLength(2);
      expect(shapes.mock.calls.length).toBeLessThan(10);
      shapes.mockRestore();
    },
    LIMIT,
  );

  it(
    'is told what its layers see, however dearly each sees it',
    () => {
      const wide = {
        outChannels: 2,
        kernelSize: [500, 500],
        dilation: [3, 3],
        padding: [749, 748, 749, 748],
      };
      const holed = { outChannels: 2, kernelSize: [39, 39], dilation: [2, 2], padding: [38, 38, 38, 38] };
      const { nodes } = chainOf(DOCUMENT_BUDGET.nodes - 1, [['Conv2d', holed]]);
      const first = { ...nodes.n0!, params: wide };
      const edges = Object.keys(nodes)
        .slice(1)
        .map(target => ({ source: target === 'n0' ? 'input' : 'n0', target, input: 0 }));
      const graph = { nodes: { ...nodes, n0: first }, edges };
      const compose = vi.spyOn(conv2d, 'reach');
      const { nodes: layers } = infer(graph);
      expect(compose.mock.calls.length).toBe(DOCUMENT_BUDGET.nodes - 1);
      // One of few layers is followed to the pixel; of twenty thousand each counts as seeing everything.
      expect(layers.get('n1')!.figures!.receptiveField).toBeNull();
      const few = infer({
        nodes: { input, n0: first, n1: nodes.n1! },
        edges: edges.slice(0, 2),
      });
      expect(few.nodes.get('n0')!.figures!.receptiveField!.size).toEqual([1498, 1498]);
      compose.mockRestore();
    },
    LIMIT,
  );

  it(
    'names a cycle of 4,000 layers in a sentence, with repairs',
    () => {
      const ring = chainOf(4000, [['ReLU']]);
      const edges = [...ring.edges.slice(1), { source: 'n3999', target: 'n0', input: 0 }];
      const graph = { ...ring, edges };
      const inference = infer(graph);
      const cycle = diagnose(inference).find(({ code }) => code === 'cycle')!;
      expect(cycle.message.length).toBeLessThan(300);
      expect(rankRepairs(graph, inference, cycle)[0]!.mends).toBe(true);
    },
    LIMIT,
  );
});

describe('A network of as many layers as a project can have', () => {
  const graph = chainOf(DOCUMENT_BUDGET.nodes - 1, [['ReLU'], ['Sigmoid']]);

  it(
    'is read, judged and written as code, and no walk along it overflows',
    () => {
      const read = parseDocument(formatDocument(newDocument('long', graph))).graph;
      const inference = infer(read);
      expect(inference.order).toHaveLength(DOCUMENT_BUDGET.nodes);
      expect(diagnose(inference).length).toBeGreaterThan(0);
      expect(codeText(pytorchCode('long', inference))).toContain('l19998');
      expect(codeText(kerasCode('long', inference))).toContain('l19998');
    },
    LIMIT,
  );

  it(
    'is compiled, a tenth of it, as far as the memory plan',
    () => {
      const body = chainOf(2000, [CONV, ['ReLU'], ['Sigmoid']]);
      const head = [
        ['GlobalAvgPool2d', {}],
        ['Flatten', {}],
        ['Linear', { outFeatures: 2 }],
      ] as const;
      const nodes = { ...body.nodes };
      const edges = [...body.edges];
      for (const [i, [kind, params]] of head.entries()) {
        nodes[`h${i}`] = { kind, name: `h${i}`, params, x: 0, y: 0 };
        edges.push({ source: i === 0 ? 'n1999' : `h${i - 1}`, target: `h${i}`, input: 0 });
      }
      const model = compileForTraining(newDocument('x', { nodes, edges }));
      expect(model.parameters).toHaveLength(2 * 667 + 2);
    },
    LIMIT,
  );

  it(
    'is cut, pasted, put into a block and taken out of it',
    () => {
      const ids = Object.keys(graph.nodes).slice(1);
      const every = ids.filter((_, i) => i % 2 === 0);
      const clip = readClip(clipText(takeClip(graph, { nodes: every, frames: [], comments: [] })));
      const pasted = pasteClip(removeNodes(graph, every), clip as never, {
        by: { x: 0, y: 0 },
        keepsEdges: true,
      });
      expect(Object.keys(pasted.graph.nodes)).toHaveLength(DOCUMENT_BUDGET.nodes);
      const block = makeBlock(graph, ids);
      if ('refusal' in block) throw new Error(block.refusal);
      expect(Object.keys(dissolveBlock(block.graph, block.id).nodes)).toHaveLength(DOCUMENT_BUDGET.nodes);
    },
    LIMIT,
  );

  it(
    'is compared with one that shares no id with it',
    () => {
      const a = chainOf(4000, [['ReLU'], CONV]);
      const renamed = Object.entries(a.nodes).map(([id, node], i): [string, GraphNode] => [
        `z${id}`,
        { ...node, name: i === 0 ? node.name : `q${i}` },
      ]);
      const edges = a.edges.map(({ source, target }) => ({
        source: `z${source}`,
        target: `z${target}`,
        input: 0,
      }));
      const diff = diffGraphs(a, { nodes: Object.fromEntries(renamed), edges });
      expect(diff.matches.size).toBe(4001);
      expect(diff.changed).toHaveLength(4000);
    },
    LIMIT,
  );
});

it(
  'A network in which each of hundreds of layers feeds each of hundreds is refused in a sentence where its memory cannot be planned',
  () => {
    const width = 250;
    const row = (name: string, kind: string) =>
      Array.from({ length: width }, (_, i): [string, GraphNode] => [
        `${name}${i}`,
        { kind, name: `${name}${i}`, params: {}, x: 0, y: 0 },
      ]);
    const [upper, lower] = [row('a', 'ReLU'), row('b', 'Add')];
    const end: GraphNode = { kind: 'Add', name: 'end', params: {}, x: 0, y: 0 };
    const edges = [
      ...upper.map(([target]) => ({ source: 'input', target, input: 0 })),
      ...lower.flatMap(([target]) => upper.map(([source], i) => ({ source, target, input: i }))),
      ...lower.map(([source], i) => ({ source, target: 'end', input: i })),
    ];
    const nodes = { input, ...Object.fromEntries([...upper, ...lower]), end };
    const compiled = () => compileForTraining(newDocument('x', { nodes, edges }));
    expect(compiled).toThrow(CompileError);
    expect(compiled).toThrow(/^This network is too large to be trained: it computes \d+ values/);
  },
  LIMIT,
);

describe('Blocks within blocks', () => {
  const faultOf = (graph: Graph) => diagnose(infer(graph)).find(({ severity }) => severity === 'error');

  it.each([
    [
      '10 times in each of 10',
      nested(10, 10),
      /^top: taken apart it is \d{11} layers and copies, .* at most 20000/,
    ],
    ['a thousand times in each of four', nested(4, 1000), /^top: taken apart it is \d{13} layers and copies/],
    ['twice in each of 60', nested(60, 1, 2), /^top: taken apart it is more than 20000 layers and copies/],
    [
      'a thousand deep',
      nested(1000, 1),
      /^top: blocks lie 1000 deep within one another in it; 64 is the most/,
    ],
  ])(
    'are counted before they are taken apart: %s',
    (_, graph, message) => {
      const fault = faultOf(graph)!;
      expect(fault.message).toMatch(message);
      expect(infer(graph).nodes.size).toBe(2);
      expect(fault.repairs.length).toBeGreaterThan(0);
      expect(codeText(pytorchCode('x', infer(graph)))).toContain('Error: top');
    },
    LIMIT,
  );

  it(
    'that are empty, in rows of thousands, are passed through',
    () => {
      const block = nested(1, 1).blocks.b0!;
      const through = {
        ...block,
        graph: { nodes: { in: block.graph.nodes.in! }, edges: [] },
      };
      const copies = Array.from({ length: 5 }, (_, i): [string, GraphNode] => [
        `m${i}`,
        { kind: 'Block', name: `m${i}`, params: { block: 'b0', repeat: 1000 }, x: 0, y: 80 * i },
      ]);
      const nodes = { input, ...Object.fromEntries(copies) };
      const ids = Object.keys(nodes);
      const edges = ids.slice(1).map((target, i) => ({ source: ids[i]!, target, input: 0 }));
      const inference = infer({ nodes, edges, blocks: { b0: through } });
      expect(inference.copies.get('m4')!.figures!.shape).toEqual([3, 32, 32]);
    },
    LIMIT,
  );

  it(
    'are taken apart as far as they fit: 12 within one another, each twice',
    () => {
      const inference = infer(nested(12, 1, 2));
      expect(diagnose(inference).some(({ severity }) => severity === 'error')).toBe(false);
      expect(inference.nodes.size).toBeLessThanOrEqual(MAX_LAYERS);
      expect(inference.nodes.size).toBe(2 ** 12 + 1);
    },
    LIMIT,
  );

  it(
    'that expose each other’s parameters again and again are followed along one of them',
    () => {
      const graph = nested(40, 1);
      const blocks = Object.entries(graph.blocks).map(([id, block]) => {
        const exposed = ['a', 'b', 'c'].map(name => ({
          name,
          targets: ['a', 'b', 'c'].map(param => ({ node: 'x0', param })),
        }));
        return [id, { ...block, exposed }];
      });
      expect(faultOf({ ...graph, blocks: Object.fromEntries(blocks) })).toBeUndefined();
    },
    LIMIT,
  );

  it('say how often a copy can be repeated at most', () => {
    const graph = nested(1, 1000, 100);
    const fault = faultOf(graph)!;
    const [repair] = fault.repairs;
    expect(repair).toMatchObject({ title: 'Repeat it 198 times', setParams: { repeat: 198 } });
    expect(rankRepairs(graph, infer(graph), fault)[0]!.mends).toBe(true);
    expect(refusesDissolving(graph, 'top')).toMatch(/^top stands for more layers than a project can draw/);
    expect(dissolveBlock(graph, 'top')).toBe(graph);
  });
});

describe('A document beyond its budget', () => {
  const many = (count: number, make: (i: number) => unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, make(i)]));
  const document = newDocument('x', chainOf(3, [['ReLU']]));
  const graphWith = (graph: object) =>
    JSON.stringify({ ...document, graph: { ...document.graph, ...graph } });
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const withParam = (text: string) =>
    JSON.stringify(document).replace('"params":{}', `"params":{"x":${text}}`);
  const comment = { text: '', x: 0, y: 0 };
  it.each([
    [
      'nodes',
      graphWith({ nodes: many(70_000, () => input) }),
      /graph\.nodes: .* at most 20000 nodes, here are 70000/,
    ],
    [
      'nodes of its blocks',
      graphWith({
        blocks: many(3, () => ({
          name: 'b',
          exposed: [],
          graph: { nodes: many(8000, () => input), edges: [] },
        })),
      }),
      /graph\.blocks\.k2\.graph\.nodes: .* at most 20000 nodes/,
    ],
    [
      'edges',
      graphWith({ edges: Array.from({ length: 100_001 }, () => document.graph.edges[0]) }),
      /graph\.edges: .* at most 100000 edges/,
    ],
    [
      'comments',
      graphWith({ comments: many(100_001, () => comment) }),
      /graph\.comments: .* at most 100000 comments/,
    ],
    [
      'frames',
      graphWith({ frames: many(100_001, () => comment) }),
      /graph\.frames: .* at most 100000 frames/,
    ],
    ['blocks', graphWith({ blocks: many(66_000, () => ({})) }), /graph\.blocks: .* at most 2000 blocks/],
    [
      'parameters',
      withParam(JSON.stringify(many(70_000, i => i))),
      /graph\.nodes\.n\d\.params.*at most 10000 values/,
    ],
    ['lists within lists', withParam(deep(20_000)), /graph\.nodes\.n\d\.params\.x\.0.*more than 24 deep/],
    ['a million lists within lists', withParam(deep(1_000_000)), /more than 24 deep within one another/],
    [
      'a long text',
      withParam(JSON.stringify('x'.repeat(30_000))),
      /a text of 30000 characters; 20000 is the most/,
    ],
    [
      'text',
      graphWith({ comments: many(5000, () => ({ ...comment, text: 'x'.repeat(9000) })) }),
      /all texts together hold at most 20000000 characters/,
    ],
    [
      'a node that only JavaScript knows',
      graphWith({ edges: [{ source: 'constructor', target: 'n0', input: 0 }] }),
      /graph\.edges\.0: there is no node constructor/,
    ],
  ])(
    'is refused in a sentence that names what and where: %s',
    (_, text, message) => {
      expect(() => parseDocument(text)).toThrow(DocumentError);
      expect(() => parseDocument(text)).toThrow(message);
    },
    LIMIT,
  );
});
