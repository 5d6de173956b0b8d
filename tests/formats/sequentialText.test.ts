/** Pasted code becomes nodes; a mistake is told at its character; no text whatever throws. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeText } from '../../src/engine/formats/code.ts';
import { dataflowOf } from '../../src/engine/formats/dataflow.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import { looksLikeNetworkCode, readPastedCode } from '../../src/engine/formats/sequentialText.ts';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { type Graph, graphSchema } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { rankRepairs } from '../../src/engine/graph/repairs.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { zooModel, zooModels } from '../../src/engine/zoo/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { BROKEN_CNN, CONV, SIMPLE_CNN, SIMPLE_NN } from './notes.ts';

function read(text: string, image: readonly [number, number, number] | null = null) {
  const pasted = readPastedCode(text, image);
  if ('error' in pasted) throw new Error(`${pasted.error.message} ${JSON.stringify(pasted.error.place)}`);
  return { ...pasted, inference: infer(pasted.graph) };
}

function mistake(text: string) {
  const pasted = readPastedCode(text);
  if (!('error' in pasted)) throw new Error('the text was read');
  const { message, place } = pasted.error;
  const marked = text.split('\n')[place.line - 1]!.slice(place.column - 1, place.column - 1 + place.length);
  return { message, marked, ...place };
}

const kindsOf = (graph: Graph) => Object.values(graph.nodes).map(({ kind }) => kind);

/** What a network is, names and canvas left out. */
function figuresOf(graph: Graph) {
  const { nodes, order, totals } = infer(graph);
  const layers = order.map(id => {
    const { figures, node } = nodes.get(id)!;
    const { shape, parameters, trainable, macs } = figures!;
    return { name: node.name, shape, parameters, trainable, macs };
  });
  return { layers, totals };
}

describe('the notes, as they stand there', () => {
  it('simple_nn: images are laid out before the first Linear', () => {
    const { graph, inference } = read(SIMPLE_NN);
    expect(kindsOf(graph)).toEqual(['Input', 'Flatten', 'Linear', 'ReLU', 'Linear']);
    expect(graph.nodes.input!.params.shape).toEqual([1, 28, 28]);
    expect(inference.totals.parameters).toBe(784 * 30 + 30 + 31);
  });

  it('broken_cnn: its missing comma and ReLu are told and read over', () => {
    const { graph, notes } = read(BROKEN_CNN);
    expect(Object.keys(graph.nodes)).toEqual(['input', 'conv1', 'relu1', 'conv2']);
    expect(figuresOf(graph).totals).toEqual(figuresOf(zooModel('broken_cnn')!.build([1, 28, 28], 1)).totals);
    expect(notes.map(({ message, place }) => [message.split(/[;:,]/)[0], place.line, place.column])).toEqual([
      ['A comma is missing at the end of this line', 2, 43],
      ['PyTorch writes ReLU', 3, 5],
    ]);
  });

  it('broken_cnn ends in 1×28×28, and the first repair makes class scores of it', () => {
    const { graph, inference } = read(BROKEN_CNN);
    const diagnosis = diagnose(inference).find(({ code }) => code === 'output-is-no-class-score')!;
    expect(diagnosis.message).toContain('1×28×28');
    const repairs = rankRepairs(graph, inference, diagnosis).map(({ repair }) => repair);
    expect(repairs.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['Add Flatten and Linear', 'Add global average pooling, Flatten and Linear']),
    );
    const mended = infer(applyRepair(graph, diagnosis.node, repairs[0]!));
    expect(diagnose(mended).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('simple_cnn: the function that makes its layers is expanded', () => {
    const { graph, notes } = read(CONV + SIMPLE_CNN);
    expect(notes).toEqual([]);
    const zoo = zooModel('simple_cnn')!.build([1, 28, 28], 1);
    expect(kindsOf(graph)).toEqual(kindsOf(zoo));
    expect(figuresOf(graph).totals).toEqual(figuresOf(zoo).totals);
  });

  it('simple_cnn without its function: the error says what to paste', () => {
    const { message, marked, line } = mistake(SIMPLE_CNN);
    expect([marked, line]).toEqual(['conv', 2]);
    expect(message).toContain('paste its “def conv(…)” too');
  });

  it('all of them in one text: the last network is taken', () => {
    const { graph, notes } = read(['```python', SIMPLE_NN, BROKEN_CNN, CONV, SIMPLE_CNN, '```'].join('\n'));
    expect(kindsOf(graph)).toHaveLength(11);
    expect(notes.at(-1)!.message).toContain('simple_cnn, the last, was taken');
  });
});

it('a clipboard is known for code of a network, and for something else', () => {
  for (const text of [SIMPLE_NN, BROKEN_CNN, SIMPLE_CNN, 'nn.Conv2d(1, 2, 3), nn.ReLU()'])
    expect(looksLikeNetworkCode(text)).toBe(true);
  for (const text of ['', 'a sequential story (short)', '{"receptive": 2}', 'https://pytorch.org/nn'])
    expect(looksLikeNetworkCode(text)).toBe(false);
});

describe('what else people write', () => {
  it('names of an OrderedDict become names of nodes, those within one another with a line between', () => {
    const { graph } = read(`
from collections import OrderedDict
model = torch.nn.Sequential(OrderedDict([
    ('features', nn.Sequential(OrderedDict([('0', nn.Conv2d(3, 8, 3)), ("act", torch.nn.ReLU(inplace=True))]))),
    ("pool", nn.MaxPool2d(2)),
]))`);
    expect(Object.keys(graph.nodes)).toEqual(['input', 'features_0', 'features_act', 'pool']);
    expect(graph.nodes.pool!.params).toMatchObject({ kernelSize: [2, 2], stride: [2, 2] });
  });

  it('names that no object of ours can have get an underscore', () => {
    const { graph } = read(
      'nn.Sequential(OrderedDict([("__proto__", nn.ReLU()), ("1 a", nn.Tanh()), ("input", nn.ELU())]))',
    );
    expect(Object.keys(graph.nodes)).toEqual(['input_1', '___proto__', '_1_a', 'input']);
  });

  it('arguments by place and by name, tuples, strings, None, underscores', () => {
    const { graph } = read(
      `nn.Conv2d(3, 1_6, (5, 3), (2, 1), padding=(2, 1), bias=False, padding_mode="reflect"),
       nn.MaxPool2d(3, None, 1, ceil_mode=True), nn.Conv2d(16, 4, 3, padding='same'),`,
    );
    expect(graph.nodes.conv1!.params).toMatchObject({
      outChannels: 16,
      kernelSize: [5, 3],
      stride: [2, 1],
      padding: [2, 2, 1, 1],
      bias: false,
      paddingMode: 'reflect',
    });
    expect(graph.nodes.maxpool1!.params).toMatchObject({ stride: [3, 3], padding: [1, 1], ceilMode: true });
    expect(graph.nodes.conv2!.params.padding).toBe('same');
  });

  it('a prompt, a variable, arithmetic and a condition', () => {
    const { graph } = read(
      '>>> n = 2 ** 5 // 2\n>>> net = nn.Sequential(nn.Conv2d(3, n * 2 if n > 3 else 1, 3))',
    );
    expect(graph.nodes.conv1!.params.outChannels).toBe(32);
  });

  it('the image at hand is taken where the code does not speak against it', () => {
    const text = 'nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU())';
    expect(read(text, [3, 96, 128]).graph.nodes.input!.params.shape).toEqual([3, 96, 128]);
    expect(read(text, [1, 96, 128]).graph.nodes.input!.params.shape).toEqual([3, 224, 224]);
  });

  it('the size that makes a later Linear fit is found', () => {
    const text = `nn.Sequential(nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2),
      nn.Flatten(), nn.Linear(16 * 5 * 5, 10))`;
    expect(read(text).graph.nodes.input!.params.shape).toEqual([3, 32, 32]);
    expect(read(text).notes).toEqual([]);
  });

  it('a layer that stands twice would share its weights, and is told', () => {
    const { notes, graph } = read('c = nn.Conv2d(3, 3, 3)\nr = nn.ReLU()\nnn.Sequential(c, r, c, r)');
    expect(kindsOf(graph)).toEqual(['Input', 'Conv2d', 'ReLU', 'Conv2d', 'ReLU']);
    expect(notes.map(({ message }) => message.split(' and ')[0])).toEqual([
      'This Conv2d stands in several places',
    ]);
  });

  it('in_channels that disagree with what flows in are told, at their place', () => {
    const { notes, graph } = read('nn.Sequential(nn.Conv2d(3, 8, 3),\n  nn.BatchNorm2d(16))');
    expect(notes).toEqual([
      {
        message: 'num_features is 16 here, and 8 flows in. batchnorm1 takes what flows in.',
        place: { line: 2, column: 18, length: 2 },
      },
    ]);
    expect(infer(graph).nodes.get('batchnorm1')!.figures!.parameters).toBe(16);
  });
});

describe('a mistake is told at its character', () => {
  it.each([
    ['nn.Sequential(nn.Conv2d(1, 2, 3)', '(', 'never closed'],
    ['nn.Sequential(\n  nn.Conv2d(1, 2, 3) nn.ReLU())', 'nn', 'expected here'],
    ['nn.Sequential(nn.Conv3(1, 2, 3))', 'Conv3', 'Did you mean Conv2d?'],
    ['nn.Sequential(nn.Conv2d(1, 2, 3, stide=2))', 'stide', 'has no argument stide'],
    ['nn.Sequential(nn.Conv2d(1, 2, "three"))', '"three"', 'kernel_size is a whole number'],
    ['nn.Sequential(nn.Conv2d(1, 2))', 'Conv2d', 'wants kernel_size'],
    ['nn.Sequential(nn.Conv2d(1, 0, 3))', '0', 'At least 1'],
    ['nn.Sequential(nn.Softmax(dim=2))', '2', 'not offered'],
    ['nn.Sequential(nn.Dropout(p=1.5))', '1.5', 'At most 1'],
    ['nn.Sequential(nn.Conv2d(1, 2, $))', '$', 'no use for'],
    ['nn.Sequential("relu)', '"', 'has no end'],
    ['for i in range(3): pass', 'for', 'write the layers out'],
    ['class Net(nn.Module):\n  pass', 'class', 'nn.Sequential'],
    ['nn.Sequential(*layers)', '*', 'write the layers out'],
    ['nn.Sequential(relu)', 'relu', 'is not known here'],
    ['n = 1 // 0', '//', 'no number'],
    ['def f(n):\n  return f(n)\nf(1)', 'f', 'without an end'],
    ['hello world', 'world', 'should end here'],
    ['hello', 'h', 'no layers'],
    ['', '', 'no layers'],
  ])('%s', (text, marked, part) => {
    const found = mistake(text);
    expect(found.marked).toBe(marked);
    expect(found.message).toContain(part);
  });
});

describe('code that was written is read again', () => {
  const examples = layerKinds()
    .filter(kind => kind.inputs === 1 && 'module' in kind.pytorch)
    .flatMap(({ kind, examples: rows }) =>
      rows.map(({ params, input }, i) => {
        const [channels, height = 1, width = 1] = input as [number, number?, number?];
        const start: Parameters<typeof chain>[0] = [['Input', 'input', { shape: [channels, height, width] }]];
        const laidOut: Parameters<typeof chain>[0] = input.length === 1 ? [['Flatten', 'flatten']] : [];
        return [`${kind}-${i}`, chain([...start, ...laidOut, [kind, 'layer', { ...params }]])] as const;
      }),
    );
  const chains = zooModels()
    .map(model => [model.name, model.build(model.input, model.classes)] as const)
    .filter(([, graph]) => dataflowOf(infer(graph), new Map(), new Set()).isChain);

  it('tries every kind with a module, and the chains of the zoo', () => {
    expect(examples.length).toBeGreaterThan(90);
    expect(chains.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'lenet',
        'simple_cnn',
        'simple_nn',
        'broken_cnn',
        'nin',
        'alexnet',
        'vgg16_bn',
      ]),
    );
  });

  it.each([...examples, ...chains])('%s', (_name, graph) => {
    const { graph: again, notes } = read(codeText(pytorchCode('a network', infer(graph))));
    expect(graphSchema.parse(again)).toEqual(again);
    expect(figuresOf(again)).toEqual(figuresOf(graph));
    expect(notes.filter(({ message }) => !message.includes('“with”'))).toEqual([]);
  });
});

describe('any text', () => {
  const answered = (text: string) => {
    const pasted = readPastedCode(text);
    if ('error' in pasted) {
      const { line, column, length } = pasted.error.place;
      const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
      expect(Math.min(line, column, length)).toBeGreaterThanOrEqual(1);
      expect(pasted.error.message).toMatch(/\.$|\?$/);
    } else expect(graphSchema.safeParse(pasted.graph).success).toBe(true);
  };

  it('of any characters is answered with a graph or a place', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), answered), { numRuns: 2000 });
  });

  it('of pieces of code is answered with a graph or a place', () => {
    const pieces =
      'nn.Sequential( nn.Conv2d( nn.Linear( nn.ReLU() OrderedDict([ ("a", ) ] , : = 1 3 -1 0.5 1e9 None True kernel_size= padding="same" def f(x): return if else \n \t f(1) ** // { } "a" \'\'\' # lambda class nn . Flatten() MaxPool2d(2) x';
    const code = fc.array(fc.constantFrom(...pieces.split(' ')), { maxLength: 40 });
    fc.assert(
      fc.property(code, words => answered(words.join(' '))),
      { numRuns: 4000 },
    );
  });

  it('that is the notes with one character changed is answered with a graph or a place', () => {
    const notes = CONV + SIMPLE_CNN + BROKEN_CNN;
    const change = fc.tuple(fc.nat(notes.length), fc.nat(3), fc.string({ unit: 'grapheme', maxLength: 3 }));
    fc.assert(
      fc.property(change, ([at, removed, added]) =>
        answered(notes.slice(0, at) + added + notes.slice(at + removed)),
      ),
      { numRuns: 2000 },
    );
  });

  it('that nests or grows without an end is refused', () => {
    expect(mistake('nn.Sequential('.repeat(5000)).message).toContain('too deep');
    expect(mistake('('.repeat(100_000)).message).toContain('too deep');
    expect(mistake(`n = ${'-'.repeat(5000)}1`).message).toContain('too deep');
    expect(mistake(`n = ${'2 ** '.repeat(200)}2`).message).toMatch(/too deep|no number/);
    const pairs = Array.from({ length: 60 }, (_, i) => `t${i + 1} = (t${i}, t${i})`).join('\n');
    expect(mistake(`t0 = 1\n${pairs}\nnn.ReLU(t60)`).message).toContain('a tuple within a tuple');
    expect(mistake(`t = (1,)\n${'t = t + t\n'.repeat(60)}nn.ReLU(t)`).message).toContain('too long');
    expect(mistake(`nn.Conv2d("${'a'.repeat(5000)}", 1, "${'b'.repeat(5000)}")`).message.length).toBeLessThan(
      150,
    );
    expect(mistake(`n = ${'1 + '.repeat(40_000)}1`).message).toContain('too long');
    expect(mistake(`n = a${'.a'.repeat(40_000)}`).message).toContain('too long');
    expect(mistake(`n = a${'()'.repeat(40_000)}`).message).toContain('too long');
    expect(mistake(`r = nn.ReLU()\n${'r,'.repeat(90_000)}`).message).toMatch(/too long|layers/);
    const doubling = Array.from({ length: 40 }, (_, i) => `f${i + 1} = nn.Sequential(f${i}, f${i})`).join(
      '\n',
    );
    expect(mistake(`f0 = nn.Sequential(nn.ReLU(), nn.ReLU())\n${doubling}`).message).toContain('layers');
    expect(mistake(`f0 = nn.Sequential()\n${doubling}\nnn.ReLU()`).message).toContain('layers');
    const within = Array.from({ length: 3000 }, (_, i) => `f${i + 1} = nn.Sequential(f${i})`).join('\n');
    expect(mistake(`f0 = nn.Sequential(nn.ReLU())\n${within}`).message).toContain('lie within one another');
  });
});
