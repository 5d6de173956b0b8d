/**
 * Tensors of torchvision and timm against the zoo: each network is recognised and gets all of its weights
 * (names and shapes: tests/oracles/weightNames.py); what does not fit is told and left to a person.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitOf, fitsOfZoo } from '../../src/engine/formats/fitZoo.ts';
import { matchLayers } from '../../src/engine/formats/matchLayers.ts';
import { matchWeights, summaryOf, takenWeights, withChoice } from '../../src/engine/formats/matchWeights.ts';
import { type NamedShape, weightSlots } from '../../src/engine/formats/weightSlots.ts';
import { WeightsError } from '../../src/engine/formats/weightsError.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';

const { networks }: { networks: Record<string, readonly (readonly [string, ...number[]])[]> } = JSON.parse(
  readFileSync(new URL('../oracles/expected/weightNames.json', import.meta.url), 'utf8'),
);

const tensorsOf = (path: string): NamedShape[] =>
  networks[path]!.map(([name, ...shape]) => ({ name, shape }));

/** The zoo's name of theirs. */
const ours = (path: string) => path.split('/')[1]!.replace('mobilenetv2_100', 'mobilenet_v2');

const known = Object.keys(networks).filter(path => zooModel(ours(path)));

const slotsOf = (name: string, classes = 1000) =>
  weightSlots(infer(zooModel(name)!.build([3, 224, 224], classes)));

describe.each(known)('%s', path => {
  it('is recognised, and every weight of the network gets its tensor', () => {
    const [best] = fitsOfZoo(tensorsOf(path), 1);
    expect(best?.model.name).toBe(ours(path));
    expect(best?.size.classes).toBe(1000);
    expect(best?.summary.ofNetwork).toBe(1);
    expect(best?.matches.filter(({ slot, choice }) => slot && choice === 'skip')).toEqual([]);
    const left = best!.matches.filter(({ finding }) => finding === 'left over');
    // GoogLeNet's auxiliary heads serve training alone, and the zoo has it without them.
    expect(left.filter(({ tensor }) => !tensor!.name.startsWith('aux'))).toEqual([]);
    if (path.startsWith('torchvision/')) expect(best?.matches.some(({ by }) => by === 'order')).toBe(false);
  });

  it('is recognised for other classes and for grey images', () => {
    const tensors = tensorsOf(path).map(({ name, shape }, i): NamedShape => {
      if (i === 0) return { name, shape: [shape[0]!, 1, ...shape.slice(2)] };
      return { name, shape: shape.map((extent, axis) => (axis === 0 && extent === 1000 ? 12 : extent)) };
    });
    const { size, summary } = fitOf(zooModel(ours(path))!, tensors);
    expect(size.classes).toBe(12);
    expect(size.input[0]).toBe(1);
    expect(summary.ofNetwork).toBe(1);
  });
});

it('brings a timm network of other names to the layers that compute the same', () => {
  const matches = matchWeights(slotsOf('mobilenet_v2'), tensorsOf('timm/mobilenetv2_100'));
  const tensorOf = (slot: string) => matches.find(each => each.slot?.name === slot)?.tensor?.name;
  expect(tensorOf('features_0_0.weight')).toBe('conv_stem.weight');
  expect(tensorOf('features_2_conv_1_1.running_var')).toBe('blocks.1.0.bn2.running_var');
  expect(tensorOf('features_17_conv_2.weight')).toBe('blocks.6.0.conv_pwl.weight');
  expect(tensorOf('classifier_1.bias')).toBe('classifier.bias');
});

it.each(['module.', 'model.', 'module.model.', '_orig_mod.', 'x.'.repeat(200)])(
  'reads names behind %s',
  prefix => {
    for (const path of ['torchvision/resnet18', 'torchvision/vgg11', 'torchvision/densenet121']) {
      const wrapped = tensorsOf(path).map(({ name, shape }) => ({ name: prefix + name, shape }));
      const matches = matchWeights(slotsOf(ours(path)), wrapped);
      expect(matches.filter(({ finding, by }) => finding !== 'fits' || by !== 'name')).toEqual([]);
    }
  },
);

it('reads DenseNet as it was named at first', () => {
  const old = tensorsOf('torchvision/densenet121').map(({ name, shape }) => {
    return { name: name.replace(/(denselayer\d+)\.(norm|conv)([12])/, '$1.$2.$3'), shape };
  });
  expect(old.some(({ name }) => name.includes('denselayer1.norm.1.'))).toBe(true);
  const matches = matchWeights(slotsOf('densenet121'), old);
  expect(matches.filter(({ finding, by }) => finding !== 'fits' || by !== 'name')).toEqual([]);
});

describe('what does not fit', () => {
  it('is a head of other classes: the rest is taken', () => {
    const matches = matchWeights(slotsOf('resnet18', 10), tensorsOf('torchvision/resnet18'));
    const others = matches.filter(({ finding }) => finding !== 'fits');
    expect(others.map(({ slot, choice, choices }) => [slot!.name, choice, choices])).toEqual([
      ['fc.weight', 'skip', ['skip']],
      ['fc.bias', 'skip', ['skip']],
    ]);
    expect(summaryOf(matches)).toMatchObject({ taken: 100, missing: 0, otherShape: 2, leftOver: 0 });
  });

  it('is half of the tensors: the other half is told to be missing', () => {
    const half = tensorsOf('torchvision/resnet18').filter((_, i) => i % 2 === 0);
    const summary = summaryOf(matchWeights(slotsOf('resnet18'), half));
    expect(summary.missing).toBeGreaterThan(40);
    expect(summary.otherShape).toBe(0);
  });

  it('is a file of another network: its layers are shown by order, and not taken', () => {
    const matches = matchWeights(slotsOf('lenet'), tensorsOf('torchvision/mobilenet_v2'));
    expect(summaryOf(matches).taken).toBe(0);
    expect(fitsOfZoo([{ name: 'weight', shape: [3, 4] }], 3)).toEqual([]);
    expect(fitsOfZoo([], 3)).toEqual([]);
    const many = Array.from({ length: 100_000 }, (_, i) => ({ name: `a.b${i}.weight`, shape: [64] }));
    expect(fitsOfZoo(many, 3)).toEqual([]);
  });

  it('can be reshaped by a person, or skipped', () => {
    const slots = [
      { name: 'a.weight', shape: [4, 6] },
      { name: 'b.weight', shape: [2] },
    ];
    const tensors = [
      { name: 'a.weight', shape: [6, 4] },
      { name: 'b.weight', shape: [2] },
    ];
    const matches = matchWeights(slots, tensors);
    expect(matches.map(({ finding, choice }) => [finding, choice])).toEqual([
      ['other shape', 'skip'],
      ['fits', 'take'],
    ]);
    const entries = new Map(
      tensors.map(({ name, shape }) => {
        const read = () => Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);
        return [name, { name, shape, type: 'float32' as const, read }];
      }),
    );
    expect(takenWeights(matches, entries)('a.weight', [4, 6])).toBeUndefined();
    const chosen = withChoice(withChoice(matches, 'a.weight', 'reshape'), 'b.weight', 'skip');
    expect(takenWeights(chosen, entries)('a.weight', [4, 6])?.length).toBe(24);
    expect(takenWeights(chosen, entries)('b.weight', [2])).toBeUndefined();
    expect(() => withChoice(matches, 'b.weight', 'reshape')).toThrow(TypeError);
  });

  it('is a number that is none', () => {
    const slots = [{ name: 'a.weight', shape: [2] }];
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const read = () => Float32Array.of(1, value);
      const entry = { name: 'a.weight', shape: [2], type: 'float32' as const, read };
      const take = takenWeights(matchWeights(slots, [entry]), new Map([[entry.name, entry]]));
      expect(() => take('a.weight', [2])).toThrow(WeightsError);
    }
  });
});

it('gives no tensor twice, and only to weights of the same sort, whatever the layers are', () => {
  const layer = fc.record({
    weights: fc.subarray(['bias', 'running_mean', 'weight'], { minLength: 1 }),
    shape: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  });
  const list = (start: string) =>
    fc
      .array(layer, { maxLength: 8 })
      .map(layers =>
        layers.flatMap(({ weights, shape }, i) =>
          weights.map(each => ({ name: `${start}${i}.${each}`, shape })),
        ),
      );
  fc.assert(
    fc.property(list('a'), list('b'), (slots, tensors) => {
      const matched = matchLayers(slots, tensors);
      expect(new Set(matched.values()).size).toBe(matched.size);
      for (const [slot, tensor] of matched) expect(tensor.name.split('.')[1]).toBe(slot.name.split('.')[1]);
    }),
  );
});
