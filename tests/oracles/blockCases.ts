/** Networks of blocks whose generated code is run by PyTorch and by Keras. */
import type { Block, Drawing, Exposed, Graph, GraphNode } from '../../src/engine/graph/document.ts';
import { initialValues } from '../../src/engine/layers/fields.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';

/** A node: its name, its kind (or the block that it is a copy of), what flows into it, what is set. */
type Part = readonly [
  name: string,
  kind: string,
  sources: readonly string[],
  params?: Readonly<Record<string, unknown>>,
];

export function drawing(parts: readonly Part[], blocks: readonly string[] = []): Drawing {
  const nodes = parts.map(([name, kind, , params = {}], i): [string, GraphNode] => {
    const isCopy = blocks.includes(kind);
    const initial = initialValues(layerKind(kind)?.fields ?? {});
    const set = isCopy ? { block: kind, repeat: 1, ...params } : { ...initial, ...params };
    return [
      name,
      { kind: isCopy ? 'Block' : kind, name, params: set as GraphNode['params'], x: 0, y: 80 * i },
    ];
  });
  const edges = parts.flatMap(([target, , sources]) =>
    sources.map((source, input) => ({ source, target, input })),
  );
  return { nodes: Object.fromEntries(nodes), edges };
}

export function exposed(names: Readonly<Record<string, readonly string[]>>): Exposed[] {
  return Object.entries(names).map(([name, places]) => ({
    name,
    targets: places.map(place => {
      const [node, param] = place.split('.') as [string, string];
      return { node, param };
    }),
  }));
}

const convolution = { kernelSize: [3, 3], padding: [1, 1, 1, 1], bias: false };

/** Two convolutions and a way around them. */
const residual: Block = {
  name: 'residual',
  exposed: exposed({ width: ['conv1.outChannels', 'conv2.outChannels'] }),
  graph: drawing([
    ['in1', 'BlockInput', [], { index: 0 }],
    ['conv1', 'Conv2d', ['in1'], convolution],
    ['bn1', 'BatchNorm2d', ['conv1']],
    ['relu1', 'ReLU', ['bn1']],
    ['conv2', 'Conv2d', ['relu1'], convolution],
    ['bn2', 'BatchNorm2d', ['conv2']],
    ['add', 'Add', ['bn2', 'in1']],
    ['relu2', 'ReLU', ['add']],
  ]),
};

/** The same, smaller and wider. */
const shrinking: Block = {
  name: 'shrinking',
  exposed: exposed({
    width: ['conv1.outChannels', 'conv2.outChannels', 'project.outChannels'],
    stride: ['conv1.stride', 'project.stride'],
  }),
  graph: drawing([
    ['in1', 'BlockInput', [], { index: 0 }],
    ['conv1', 'Conv2d', ['in1'], convolution],
    ['bn1', 'BatchNorm2d', ['conv1']],
    ['relu1', 'ReLU', ['bn1']],
    ['conv2', 'Conv2d', ['relu1'], convolution],
    ['bn2', 'BatchNorm2d', ['conv2']],
    ['project', 'Conv2d', ['in1'], { kernelSize: [1, 1], padding: [0, 0, 0, 0], bias: false }],
    ['add', 'Add', ['bn2', 'project']],
    ['relu2', 'ReLU', ['add']],
  ]),
};

/** A block of blocks: one that shrinks, then two that do not. */
const stage: Block = {
  name: 'Stage',
  exposed: exposed({ outChannels: ['first.width', 'rest.width'], stride: ['first.stride'] }),
  graph: drawing(
    [
      ['in1', 'BlockInput', [], { index: 0 }],
      ['first', 'shrinking', ['in1'], { width: 16, stride: [1, 1] }],
      ['rest', 'residual', ['first'], { width: 16, repeat: 2 }],
    ],
    ['shrinking', 'residual'],
  ),
};

/** What comes from above, and what every repetition gets beside it. */
const join: Block = {
  name: 'join in',
  exposed: exposed({ padding: ['conv.padding'] }),
  graph: drawing([
    ['main', 'BlockInput', [], { index: 0 }],
    ['aside', 'BlockInput', [], { index: 1 }],
    ['conv', 'Conv2d', ['aside'], { ...convolution, outChannels: 6 }],
    ['scaled', 'Conv2d', ['main'], { ...convolution, outChannels: 6 }],
    ['sub', 'Add', ['scaled', 'conv']],
    ['relu', 'ReLU', ['sub']],
  ]),
};

const head: readonly Part[] = [
  ['pool', 'GlobalAvgPool2d', ['relu']],
  ['flatten', 'Flatten', ['pool']],
  ['fc', 'Linear', ['flatten'], { outFeatures: 10 }],
];

/** The same network with what is frozen in it: a copy of a block of blocks, and layers by themselves. */
function frozen(graph: Graph, names: readonly string[]): Graph {
  const nodes = Object.entries(graph.nodes).map(([id, node]) => [
    id,
    names.includes(id) ? { ...node, frozen: true as const } : node,
  ]);
  return { ...graph, nodes: Object.fromEntries(nodes) };
}

/** Every layer that keeps statistics or acts by chance, frozen, beside the same that learns. */
function frozenLayers(): Graph {
  const kinds: readonly (readonly [name: string, kind: string, params?: object])[] = [
    ['bn', 'BatchNorm2d'],
    ['bare', 'BatchNorm2d', { affine: false }],
    ['batch', 'BatchNorm2d', { trackRunningStats: false }],
    ['instance', 'InstanceNorm2d', { affine: true, trackRunningStats: true }],
    ['plain', 'InstanceNorm2d'],
    ['group', 'GroupNorm', { numGroups: 2 }],
    ['prelu', 'PReLU'],
    ['dropout', 'Dropout', { p: 0 }],
    ['noise', 'GaussianNoise', { std: 0 }],
    ['conv', 'Conv2d', { outChannels: 4 }],
    ['up', 'ConvTranspose2d', { outChannels: 4 }],
  ];
  const both = [...kinds, ...kinds.map(([name, kind, params]) => [`${name}_frozen`, kind, params] as const)];
  const parts = both.map(([name, kind, params], i): Part => {
    return [name, kind, [i === 0 ? 'image' : both[i - 1]![0]], { ...params }];
  });
  const graph = drawing([['image', 'Input', [], { shape: [4, 9, 9] }], ...parts]);
  return frozen(
    graph,
    kinds.map(([name]) => `${name}_frozen`),
  );
}

function graphs(): Readonly<Record<string, Graph>> {
  const smaller = { ...convolution, stride: [2, 2] };
  const image: Part = ['input', 'Input', [], { shape: [3, 16, 16] }];
  return {
    'blocks-resnet20': {
      ...drawing(
        [
          ['input', 'Input', [], { shape: [3, 32, 32] }],
          ['stem', 'Conv2d', ['input'], { ...convolution, outChannels: 16 }],
          ['stage1', 'residual', ['stem'], { width: 16, repeat: 3 }],
          ['down2', 'Conv2d', ['stage1'], { ...smaller, outChannels: 32 }],
          ['stage2', 'residual', ['down2'], { width: 32, repeat: 3 }],
          ['down3', 'Conv2d', ['stage2'], { ...smaller, outChannels: 64 }],
          ['stage3', 'residual', ['down3'], { width: 64, repeat: 3 }],
          ['relu', 'ReLU', ['stage3']],
          ...head,
        ],
        ['residual'],
      ),
      blocks: { residual },
    },
    'blocks-nested': {
      ...drawing(
        [
          image,
          ['stem', 'Conv2d', ['input'], { ...convolution, outChannels: 8 }],
          ['stage1', 'stage', ['stem'], { outChannels: 8, stride: [1, 1] }],
          ['stage2', 'stage', ['stage1'], { outChannels: 12, stride: [2, 2], repeat: 2 }],
          ['relu', 'ReLU', ['stage2']],
          ...head,
        ],
        ['stage'],
      ),
      blocks: { residual, shrinking, stage },
    },
    'blocks-two-inputs': {
      ...drawing(
        [
          image,
          ['left', 'Conv2d', ['input'], { ...convolution, outChannels: 6 }],
          ['right', 'Conv2d', ['input'], { ...convolution, outChannels: 4 }],
          ['once', 'join', ['left', 'right']],
          ['often', 'join', ['once', 'right'], { repeat: 3 }],
          ['lopsided', 'join', ['right', 'often'], { padding: [0, 2, 1, 1] }],
          ['relu', 'ReLU', ['lopsided']],
          ...head,
        ],
        ['join'],
      ),
      blocks: { join },
    },
    'blocks-chain': {
      ...drawing(
        [image, ['features', 'step', ['input'], { repeat: 2 }], ['relu', 'ReLU', ['features']], ...head],
        ['step'],
      ),
      blocks: {
        step: {
          name: '1st step',
          exposed: [],
          graph: drawing([
            ['in1', 'BlockInput', [], { index: 0 }],
            ['conv', 'Conv2d', ['in1'], { ...convolution, outChannels: 5 }],
            ['act', 'ReLU', ['conv']],
            ['pool', 'MaxPool2d', ['act']],
          ]),
        },
      },
    },
  };
}

export function blockGraphs(): Readonly<Record<string, Graph>> {
  const all = graphs();
  return {
    ...all,
    'frozen-blocks': frozen(all['blocks-nested']!, ['stage2']),
    'frozen-layers': frozenLayers(),
  };
}
