/** Random documents as files could hold them: long, wide, deep, cyclic, nested, and broken in every part. */
import fc from 'fast-check';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { initialValues } from '../../src/engine/layers/fields.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';

/** Words that objects of JavaScript know by themselves. */
const FOREIGN = ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'];

const kinds = layerKinds().map(({ kind }) => kind);

/** Layers that fit nearly everywhere, so that some networks work. */
const PLAIN = ['ReLU', 'Conv2d', 'BatchNorm2d', 'Dropout', 'Identity', 'Sigmoid', 'Add', 'Concat', 'Output'];

const number = fc.oneof(fc.integer({ min: -2, max: 40 }), fc.constantFrom(0, 1e9, 0.5, 1e300, -1));
const value = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 2, arbitrary: fc.array(number, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PLAIN) },
  { weight: 4, arbitrary: fc.constantFrom(...kinds) },
  { weight: 3, arbitrary: fc.constant('Block') },
  { weight: 1, arbitrary: fc.constantFrom('BlockInput', 'Convv2d', ...FOREIGN) },
);

interface Drawn {
  nodes: Record<string, unknown>;
  edges: unknown[];
}

/** How the nodes of a drawing are joined, beside some edges anywhere. */
const forms = ['chain', 'fan', 'ring', 'loose', 'pairs'] as const;

const drawing = (blocks: readonly string[], isBlock: boolean, most: number): fc.Arbitrary<Drawn> => {
  const node = fc.record({
    kind,
    name: fc.oneof(fc.constant(''), fc.constantFrom('a', 'conv', 'class', '_modules', 'super')),
    params: fc.dictionary(
      fc.constantFrom('outChannels', 'kernelSize', 'stride', 'repeat', 'p', 'size', 'constructor', 'q'),
      value,
      { maxKeys: 2 },
    ),
    isPlain: fc.boolean(),
    block: fc.constantFrom(...blocks, 'nowhere', 'constructor'),
    repeat: fc.constantFrom(1, 1, 2, 3, 40, 1000),
    bypassed: fc.boolean(),
    frozen: fc.boolean(),
    x: fc.integer({ min: -500, max: 500 }),
  });
  const place = fc.oneof(
    { weight: 60, arbitrary: fc.nat() },
    { weight: 3, arbitrary: fc.constant('nowhere') },
    { weight: 1, arbitrary: fc.constantFrom(...FOREIGN) },
  );
  return fc
    .record({
      form: fc.constantFrom(...forms),
      drawn: fc.array(node, { minLength: 1, maxLength: most, size: 'max' }),
      extra: fc.array(fc.tuple(place, place, fc.constantFrom(0, 0, 1, 2, 7)), { maxLength: 6 }),
      isOdd: fc.nat({ max: 19 }),
    })
    .map(({ form, drawn, extra, isOdd }) => {
      const ids = drawn.map((_, i) => (isOdd === 0 && i === 1 ? 'constructor' : `n${i}`));
      const entrance = isBlock
        ? { kind: 'BlockInput', name: 'in1', params: { index: 0 }, x: 0, y: 0 }
        : { kind: 'Input', name: 'input', params: { shape: [3, 16, 16] }, x: 0, y: 0 };
      const nodes: Record<string, unknown> = { in: entrance };
      for (const [i, each] of drawn.entries()) {
        const initial = initialValues(layerKinds().find(known => known.kind === each.kind)?.fields ?? {});
        const copy = each.kind === 'Block' ? { block: each.block, repeat: each.repeat } : {};
        nodes[ids[i]!] = {
          kind: each.kind,
          name: each.name === '' ? `l${i}` : each.name,
          params: { ...initial, ...copy, ...(each.isPlain ? {} : each.params) },
          x: each.x,
          y: 80 * i,
          ...(each.bypassed && !each.isPlain && { bypassed: true }),
          ...(each.frozen && !each.isPlain && { frozen: true }),
        };
      }
      const all = ['in', ...ids];
      const at = (where: number | string) => (typeof where === 'string' ? where : all[where % all.length]!);
      const joined = ids.flatMap((id, i): unknown[] => {
        const before = form === 'fan' ? 'in' : form === 'pairs' ? all[i & ~1]! : all[i]!;
        return form === 'loose' ? [] : [{ source: before, target: id, input: 0 }];
      });
      if (form === 'ring') joined.push({ source: ids.at(-1), target: ids[0], input: 1 });
      const edges = [
        ...joined,
        ...extra.map(([source, target, input]) => ({ source: at(source), target: at(target), input })),
      ];
      return { nodes, edges };
    });
};

const BLOCKS = ['b0', 'b1', 'b2', 'b3'];

const block = fc.record({
  name: fc.constantFrom('stage', 'a b', 'Net'),
  graph: drawing(BLOCKS, true, 5),
  exposed: fc.array(
    fc.record({
      name: fc.constantFrom('q', 'size', 'repeat', 'p'),
      targets: fc.array(
        fc.record({
          node: fc.oneof(
            { weight: 20, arbitrary: fc.constantFrom('n0', 'n1', 'nowhere') },
            { weight: 1, arbitrary: fc.constantFrom(...FOREIGN) },
          ),
          param: fc.constantFrom('repeat', 'block', 'q', 'size', 'outChannels', 'constructor'),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
    { maxLength: 2 },
  ),
});

/** @param most nodes of a drawing */
export function wildDocuments(most: number): fc.Arbitrary<unknown> {
  return fc
    .record({
      drawn: drawing(BLOCKS, false, most),
      blocks: fc.option(fc.dictionary(fc.constantFrom(...BLOCKS), block, { maxKeys: 4, size: 'max' })),
      batchSize: fc.constantFrom(1, 8),
    })
    .map(({ drawn, blocks, batchSize }) => {
      const document: ProjectDocument = newDocument('wild');
      return {
        ...document,
        training: { ...document.training, batchSize },
        graph: { ...drawn, ...(blocks && { blocks }) },
      };
    });
}
