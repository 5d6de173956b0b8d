/**
 * The zoo against what was published: parameters to the unit, multiply-accumulates within half a percent, and
 * nothing to complain of but what the published network has.
 */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../src/engine/graph/diagnostics/settingRules.ts';
import { defaultTraining, graphSchema, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { type DatasetFacts, diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { zooModel, zooModels } from '../../src/engine/zoo/registry.ts';
import { sizeFor, withModel, type ZooModel } from '../../src/engine/zoo/zoo.ts';

/** Products with the gates of EfficientNet-B0's blocks, which torchvision does not count: channels · height · width of each. */
const GATED = 2_306_528e-9;

/** torchvision's counts and GMACs, and timm's count of EfficientNet-Lite0 (its model pages, “Num params” and “GFLOPS”); the notes' and NiN's by hand. */
const published: Record<string, readonly [parameters: number, gmacs?: number]> = {
  lenet: [61_706],
  simple_nn: [28 * 28 * 30 + 30 + 310],
  broken_cnn: [30 * 10 + 30 * 9 + 1],
  cifar_convnet: [12 * 28 + 16 * 16 * 12 * 10 + 10],
  nin: [966_986],
  resnet20: [272_474],
  alexnet: [61_100_840, 0.7142],
  vgg11: [132_863_336, 7.609],
  vgg11_bn: [132_868_840, 7.609],
  vgg16: [138_357_544, 15.47],
  vgg16_bn: [138_365_992, 15.47],
  vgg19: [143_667_240, 19.632],
  vgg19_bn: [143_678_248, 19.632],
  squeezenet1_0: [1_248_424, 0.819],
  squeezenet1_1: [1_235_496, 0.349],
  googlenet: [6_624_904, 1.498],
  resnet18: [11_689_512, 1.814],
  resnet34: [21_797_672, 3.664],
  resnet50: [25_557_032, 4.089],
  densenet121: [7_978_856, 2.834],
  mobilenet_v2: [3_504_872, 0.301],
  efficientnet_lite0: [4_652_008],
  mobilenet_v3_small: [2_542_856, 0.057],
  mobilenet_v3_large: [5_483_032, 0.217],
  efficientnet_b0: [5_288_548, 0.386 + GATED],
  unet: [31_037_698],
};

/** What is said against a network as it was published. */
const flaws: Record<string, readonly string[]> = {
  // Between the first block, which ends in 16 channels, and the second nothing bends.
  mobilenet_v3_small: ['no-nonlinearity-between'],
  broken_cnn: ['output-is-no-class-score'],
  vgg11_bn: ['bias-before-batch-norm'],
  vgg16_bn: ['bias-before-batch-norm'],
  vgg19_bn: ['bias-before-batch-norm'],
};

const inferred = ({ build, input, classes }: ZooModel) => infer(build(input, classes));

describe('parameters and costs', () => {
  it.each(Object.entries(published))('of %s are the published ones', (name, [parameters, gmacs]) => {
    const { totals } = inferred(zooModel(name)!);
    expect(totals.parameters).toBe(parameters);
    if (gmacs !== undefined) expect(Math.abs(totals.macs / 1e9 / gmacs - 1)).toBeLessThan(0.005);
  });
});

describe.each(zooModels().map(model => [model.name, model] as const))('%s', (name, model) => {
  it('has nothing wrong that the published network has not', () => {
    const graph = model.build(model.input, model.classes);
    const inference = infer(graph);
    expect(diagnose(inference).map(({ code }) => code)).toEqual(flaws[name] ?? []);
    expect(diagnoseSettings({ training: defaultTraining }, inference)).toEqual([]);
  });

  it('gives as many outputs as are wanted, of larger images and of grey ones too', () => {
    const [channels, height, width] = model.input;
    for (const input of [model.input, [channels, height + 32, width + 64], [1, height, width]] as const) {
      const inference = infer(model.build(input, 7));
      expect(diagnose(inference).filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(inference.nodes.get(inference.outputs[0]!)!.figures!.shape[0]).toBe(7);
    }
  });

  it('trains with no further edit on images of its task, and says what it needs of others', () => {
    if (flaws[name]?.includes('output-is-no-class-score')) return;
    const [classes, maskClasses] = [
      ['a', 'b', 'c'],
      ['ground', 'thing'],
    ];
    const images = { name: 'images', imageShape: model.input, classes, boxes: true, maskClasses };
    const found = (facts: DatasetFacts) => {
      const document = withModel(newDocument(name), model, sizeFor(model, facts));
      return diagnoseTraining(document, infer(document.graph), facts).map(({ message }) => message);
    };
    expect(found(images)).toEqual([]);
    const { boxes: _, maskClasses: __, ...plain } = images;
    const missing = model.answers?.find(answer => answer !== 'class');
    expect(found(plain).join()).toMatch(
      missing
        ? new RegExp(`no ${missing === 'box' ? 'boxes' : 'masks'}.*a dataset is needed in which`)
        : /^$/,
    );
  });

  it('is a valid document, drawn downwards without two nodes in one place', () => {
    const graph = model.build(model.input, model.classes);
    expect(graphSchema.safeParse(graph).success).toBe(true);
    for (const { source, target } of graph.edges)
      expect(graph.nodes[source]!.y).toBeLessThan(graph.nodes[target]!.y);
    const nodes = Object.values(graph.nodes);
    const rows = Map.groupBy(nodes, ({ y }) => y);
    for (const row of rows.values()) {
      const places = row.map(({ x }) => x).sort((a, b) => a - b);
      for (const [i, x] of places.slice(1).entries()) expect(x - places[i]!).toBeGreaterThanOrEqual(200);
    }
  });
});

it('keeps the losses that judge what a network answers, and takes those away that judge nothing', () => {
  const smooth = { ...defaultTraining.losses[0]!, params: { labelSmoothing: 0.1 } };
  const before = newDocument('x');
  const smoothed = { ...before, training: { ...before.training, losses: [smooth] } };
  const drawn = (document: typeof before, name: string) =>
    withModel(document, zooModel(name)!, sizeFor(zooModel(name)!, null));
  const located = drawn(smoothed, 'localizer');
  expect(located.training.losses).toEqual([
    smooth,
    { answer: 'box', kind: 'SmoothL1Loss', params: {}, weight: 1 },
  ]);
  expect(drawn(located, 'lenet').training.losses).toEqual([smooth]);
  expect(drawn(located, 'unet').training.losses).toEqual([{ ...defaultTraining.losses[0], answer: 'mask' }]);
});

it('names layers as torchvision does, dots as underscores', () => {
  const names = (model: string) =>
    Object.values(zooModel(model)!.build([3, 224, 224], 1000).nodes).map(n => n.name);
  expect(names('resnet50')).toEqual(
    expect.arrayContaining(['conv1', 'layer2_0_downsample_1', 'layer4_2_bn3', 'fc']),
  );
  expect(names('vgg16_bn')).toEqual(expect.arrayContaining(['features_41', 'classifier_6']));
  expect(names('mobilenet_v2')).toEqual(
    expect.arrayContaining([
      'features_1_conv_2',
      'features_2_conv_0_0',
      'features_17_conv_3',
      'features_18_1',
    ]),
  );
  expect(names('googlenet')).toEqual(expect.arrayContaining(['inception4e_branch3_1_bn', 'conv2_conv']));
  expect(names('densenet121')).toEqual(
    expect.arrayContaining(['features_denseblock3_denselayer24_conv2', 'features_transition2_norm']),
  );
  expect(names('squeezenet1_1')).toEqual(expect.arrayContaining(['features_12_expand3x3', 'classifier_1']));
});
