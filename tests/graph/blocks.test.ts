/** Blocks: a part of a network under a name costs and computes what its layers do, wherever it is and however often. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import {
  addCopy,
  copiesOf,
  dissolveBlock,
  exposeParam,
  hideParam,
  makeBlock,
  refusesBlock,
  refusesExposure,
  unlinkCopy,
} from '../../src/engine/graph/blockEdits.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import {
  formatDocument,
  type Graph,
  type NodeId,
  newDocument,
  parseDocument,
} from '../../src/engine/graph/document.ts';
import { editAt } from '../../src/engine/graph/drawings.ts';
import { changeNode, connect, disconnect, removeNodes, setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Inference } from '../../src/engine/graph/inference.ts';
import { rankRepairs } from '../../src/engine/graph/repairs.ts';
import { zooModel, zooModels } from '../../src/engine/zoo/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';
import { blockless } from './blockless.ts';

const image = (shape: readonly number[]): ChainLink => ['Input', 'input', { shape }];

/** Conv2d, BatchNorm2d and ReLU as one block, then a classifier. */
const blocky = () => made(blockless(), ['conv', 'norm', 'relu']);

function made(graph: Graph, ids: readonly NodeId[]): { graph: Graph; block: NodeId } {
  const result = makeBlock(graph, ids);
  if ('refusal' in result) throw new Error(result.refusal);
  return { graph: result.graph, block: result.id };
}

const blockId = (graph: Graph) => Object.keys(graph.blocks!)[0]!;
const codes = (graph: Graph) => diagnose(infer(graph)).map(({ code }) => code);

/** Everything that does not depend on how a network is cut into blocks. */
function sameWhole(inference: Inference) {
  const { totals, nodes, outputs } = inference;
  const end = nodes.get(outputs[0]!)!.figures!;
  const kinds = diagnose(inference)
    .map(({ code, severity }) => `${severity} ${code}`)
    .sort();
  return { totals, kinds, shape: end.shape, field: end.receptiveField };
}

describe('A block', () => {
  it('costs what its layers cost, and names their weights after itself', () => {
    const { graph, block } = blocky();
    const inference = infer(graph);
    expect(diagnose(inference)).toEqual([]);
    const figures = inference.copies.get(block)!.figures!;
    expect(figures).toMatchObject({ shape: [8, 5, 5], inputs: [[8, 5, 5]], parameters: 576 + 16 });
    expect(figures.why.parameters).toBe('576 + 16');
    expect(inference.totals.parameters).toBe(576 + 16 + 90);
    const names = inference.order.map(id => inference.nodes.get(id)!.node.name);
    expect(names).toContain(`${graph.nodes[block]!.name}.0.norm`);
  });

  it('is repeated: copies in a row, each with weights of its own, each seeing more', () => {
    const { graph, block } = blocky();
    const thrice = infer(setParams(graph, block, { repeat: 3 }));
    expect(diagnose(thrice)).toEqual([]);
    expect(thrice.totals.parameters).toBe(3 * (576 + 16) + 90);
    expect(thrice.copies.get(block)!.figures!.receptiveField!.size).toEqual([7, 7]);
    expect(thrice.graph.edges).toContainEqual({
      source: `${block}/0/relu`,
      target: `${block}/1/conv`,
      input: 0,
    });
  });

  it('says once what is wrong in each repetition', () => {
    const { graph, block } = blocky();
    const wrong = editAt(graph, `${block}/0/`, inner => setParams(inner, 'conv', { bias: true }));
    expect(codes(setParams(wrong, block, { repeat: 4 }))).toEqual(['bias-before-batch-norm']);
  });

  it.each(zooModels().map(({ name }) => name))(
    'of any part of %s changes no figure, there and back',
    name => {
      const model = zooModel(name)!;
      const graph = model.build(model.input, model.classes);
      const before = sameWhole(infer(graph));
      const ids = Object.keys(graph.nodes);
      const property = fc.property(fc.nat(ids.length - 1), fc.integer({ min: 1, max: 9 }), (from, count) => {
        const part = ids.slice(from, from + count);
        fc.pre(refusesBlock(graph, part) === undefined);
        const { graph: blocked, block } = made(graph, part);
        expect(sameWhole(infer(blocked))).toEqual(before);
        const back = dissolveBlock(blocked, block);
        expect(sameWhole(infer(back))).toEqual(before);
        expect(back.blocks).toEqual(graph.blocks);
      });
      fc.assert(property, { numRuns: 12, seed: 3 });
    },
  );

  it('is refused where it would end in several places, or feed itself', () => {
    const graph = chain([image([3, 8, 8]), ['Conv2d', 'a'], ['ReLU', 'b'], ['Conv2d', 'c'], ['ReLU', 'd']]);
    expect(refusesBlock(graph, [])).toMatch(/Select the layers/);
    expect(refusesBlock(graph, ['a', 'c'])).toMatch(/end in 2 \(a, c\)/);
    const residual = zooModel('resnet20')!.build([3, 32, 32], 10);
    const part = Object.keys(residual.nodes).filter(id => /^(layer1_0_conv1|layer1_0_add)$/.test(id));
    expect(part).toHaveLength(2);
    expect(refusesBlock(residual, part)).toBeDefined();
  });

  it('of several sources has an input for each', () => {
    const branch = chain([image([4, 8, 8]), ['Conv2d', 'left', { outChannels: 4 }]]);
    let graph = branch;
    for (const [id, kind, sources] of [
      ['right', 'ReLU', ['input']],
      ['sum', 'Add', ['left', 'right']],
      ['end', 'ReLU', ['sum']],
    ] as const) {
      graph = { ...graph, nodes: { ...graph.nodes, [id]: { kind, name: id, params: {}, x: 0, y: 0 } } };
      for (const [input, source] of sources.entries()) graph = connect(graph, { source, target: id, input });
    }
    const { graph: blocked, block } = made(graph, ['sum', 'end']);
    const inference = infer(blocked);
    expect(diagnose(inference)).toEqual(
      diagnose(infer(graph)).map(each => expect.objectContaining({ code: each.code })),
    );
    expect(inference.copies.get(block)!.figures!.inputs).toEqual([
      [4, 8, 8],
      [4, 8, 8],
    ]);
    expect(blocked.edges.filter(({ target }) => target === block)).toHaveLength(2);
  });
});

describe('Copies of a block', () => {
  it('change together, and set what is exposed each for itself', () => {
    const { graph, block } = blocky();
    const id = blockId(graph);
    const exposed = exposeParam(graph, id, { node: 'conv', param: 'outChannels' }, 'filters');
    const second = addCopy(exposed, id, { x: 0, y: 500 }, block);
    const wider = setParams(second.graph, second.id, { filters: 24 });
    const inference = infer(wider);
    expect(inference.copies.get(block)!.figures!.shape).toEqual([8, 5, 5]);
    expect(inference.copies.get(second.id)!.figures!.shape).toEqual([24, 5, 5]);
    const strided = editAt(wider, `${block}/0/`, inner => setParams(inner, 'conv', { stride: [2, 2] }));
    expect(infer(strided).copies.get(second.id)!.figures!.shape).toEqual([24, 2, 2]);
    expect(copiesOf(strided, id)).toBe(2);
  });

  it('take an own block when they are unlinked, and the block says it again when a parameter is hidden', () => {
    const { graph, block } = blocky();
    const id = blockId(graph);
    const target = { node: 'conv', param: 'outChannels' };
    const set = setParams(exposeParam(graph, id, target, 'filters'), block, { filters: 12 });
    expect(infer(set).copies.get(block)!.figures!.shape).toEqual([12, 5, 5]);
    const hidden = hideParam(set, id, target);
    expect(hidden.nodes[block]!.params).toEqual({ block: id, repeat: 1 });
    expect(infer(hidden).copies.get(block)!.figures!.shape).toEqual([8, 5, 5]);
    const two = addCopy(set, id, { x: 0, y: 500 });
    const unlinked = unlinkCopy(two.graph, two.id);
    expect(Object.values(unlinked.blocks!).map(({ name }) => name)).toEqual(['Block 1', 'Block 1 copy']);
    expect(copiesOf(unlinked, id)).toBe(1);
  });

  it('are gone with their block when the last of them goes', () => {
    const { graph, block } = blocky();
    expect(removeNodes(graph, [block]).blocks).toBeUndefined();
    expect(removeNodes(graph, ['pool']).blocks).toBe(graph.blocks);
  });

  it('refuse names and values that do not fit', () => {
    const { graph } = blocky();
    const block = graph.blocks![blockId(graph)]!;
    const target = { node: 'conv', param: 'outChannels' };
    expect(refusesExposure(graph, block, target, '1x')).toMatch(/letter first/);
    expect(refusesExposure(graph, block, target, 'repeat')).toMatch(/already/);
    const kernel = exposeParam(graph, blockId(graph), { node: 'conv', param: 'kernelSize' }, 'size');
    expect(refusesExposure(kernel, kernel.blocks![blockId(kernel)]!, target, 'size')).toMatch(/another kind/);
  });
});

describe('What a file can hold', () => {
  const { graph, block } = blocky();
  const id = blockId(graph);
  const inner = (change: (inner: Graph) => Graph) => editAt(graph, `${block}/0/`, change);
  it.each<[string, Graph]>([
    ['unknown-block', { ...graph, blocks: {} }],
    ['invalid-parameter', setParams(graph, block, { repeat: 0 })],
    ['invalid-parameter', setParams(graph, block, { filters: 3 })],
    ['too-many-layers', exponential(setParams(graph, block, { repeat: 1000 }))],
    ['block-output', inner(drawing => disconnect(drawing, { source: 'norm', target: 'relu', input: 0 }))],
    ['open-input', disconnect(graph, { source: 'input', target: block, input: 0 })],
    ['no-such-input', { ...graph, edges: [...graph.edges, { source: 'input', target: block, input: 4 }] }],
    ['duplicate-name', changeNode(graph, block, { name: 'pool' })],
    ['duplicate-name', inner(drawing => changeNode(drawing, 'norm', { name: 'conv' }))],
    ['block-holds-itself', inner(drawing => addCopy(drawing, id, { x: 0, y: 400 }, 'relu').graph)],
    [
      'block-input-outside',
      {
        ...graph,
        nodes: { ...graph.nodes, in1: { kind: 'BlockInput', name: 'in1', params: {}, x: 0, y: 0 } },
      },
    ],
  ])('is named: %s', (code, wrong) => {
    const found = diagnose(infer(wrong)).find(each => each.code === code);
    expect(found).toMatchObject({ severity: 'error' });
    for (const repair of found!.repairs.slice(0, 1))
      expect(codes(applyRepair(wrong, found!.node, repair))).not.toContain(code);
  });

  it('comes back as it went', () => {
    const document = newDocument('blocks', graph);
    expect(parseDocument(formatDocument(document))).toEqual(document);
  });
});

/** A block within a block, each a thousand times. */
function exponential(graph: Graph): Graph {
  const id = Object.keys(graph.nodes).find(each => graph.nodes[each]!.kind === 'Block')!;
  const outer = made(graph, [id]);
  return setParams(outer.graph, outer.block, { repeat: 1000 });
}

describe('A repair inside a block', () => {
  it('changes the block, and with it all copies; undo is to keep the graph before', () => {
    const { graph, block } = blocky();
    const wrong = editAt(graph, `${block}/0/`, inner => setParams(inner, 'conv', { kernelSize: [40, 40] }));
    const text = formatDocument(newDocument('x', wrong));
    const inference = infer(wrong);
    const [fault] = diagnose(inference);
    expect(fault).toMatchObject({ code: 'kernel-larger-than-input', node: `${block}/0/conv` });
    const [best] = rankRepairs(wrong, inference, fault!);
    expect(best!.mends).toBe(true);
    const mended = applyRepair(wrong, fault!.node, best!.repair);
    expect(codes(mended)).not.toContain('kernel-larger-than-input');
    expect(mended.nodes).toBe(wrong.nodes);
    expect(formatDocument(newDocument('x', wrong))).toBe(text);
  });

  it('sets an exposed parameter at the copy', () => {
    const { graph, block } = blocky();
    const exposed = exposeParam(graph, blockId(graph), { node: 'conv', param: 'kernelSize' }, 'kernel');
    const wrong = setParams(exposed, block, { kernel: [40, 40] });
    const [fault] = diagnose(infer(wrong));
    const repair = fault!.repairs.find(each => 'setParams' in each && 'kernelSize' in each.setParams)!;
    const mended = applyRepair(wrong, fault!.node, repair);
    expect(mended.blocks).toBe(wrong.blocks);
    expect(codes(mended)).not.toContain('kernel-larger-than-input');
  });
});

it('Incremental inference of blocks equals inference from scratch after any edits', () => {
  const { graph, block } = blocky();
  const id = blockId(graph);
  const start = exposeParam(graph, id, { node: 'conv', param: 'outChannels' }, 'filters');
  const edit = fc.oneof(
    fc.integer({ min: 0, max: 4 }).map(repeat => (g: Graph) => setParams(g, block, { repeat })),
    fc.integer({ min: 1, max: 30 }).map(filters => (g: Graph) => setParams(g, block, { filters })),
    fc
      .integer({ min: 1, max: 20 })
      .map(
        k => (g: Graph) =>
          editAt(g, `${block}/0/`, inner => setParams(inner, 'conv', { kernelSize: [k, k] })),
      ),
    fc.constant((g: Graph) => editAt(g, `${block}/0/`, inner => removeNodes(inner, ['norm']))),
    fc.constant((g: Graph) => (block in g.nodes ? addCopy(g, id, { x: 0, y: 0 }, block).graph : g)),
    fc.constant((g: Graph) => dissolveBlock(g, block)),
    fc.constant((g: Graph) => changeNode(g, 'head', { x: 5 })),
    fc
      .boolean()
      .map(on => (g: Graph) => changeNode(g, block, on ? { bypassed: true } : { bypassed: undefined })),
  );
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 12 }), edits => {
      let [current, inference] = [start, infer(start)];
      for (const change of edits) {
        current = change(current);
        inference = infer(current, inference);
        const scratch = infer(current);
        const seen = (of: Inference) => ({
          nodes: [...of.nodes].map(([key, { figures }]) => [key, figures]),
          copies: [...of.copies].map(([key, { figures }]) => [key, figures]),
          totals: of.totals,
          outputs: of.outputs,
          diagnoses: diagnose(of),
        });
        expect(seen(inference)).toEqual(seen(scratch));
      }
    }),
    { numRuns: 60 },
  );
});
