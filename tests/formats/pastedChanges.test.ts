/**
 * What pasted code does to a network after it is made: it is done here as PyTorch does it, or refused at its place.
 * No line that might change the network is read as if it did nothing.
 */
import { describe, expect, it } from 'vitest';
import { readPastedCode } from '../../src/engine/formats/sequentialText.ts';

const MADE = 'net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())\n';

function read(text: string) {
  const pasted = readPastedCode(MADE + text, [1, 28, 28]);
  if ('error' in pasted) throw new Error(pasted.error.message);
  const nodes = Object.values(pasted.graph.nodes).slice(1);
  const frozen = nodes.filter(node => node.frozen || node.params.frozen === true).map(({ kind }) => kind);
  return { kinds: nodes.map(({ kind }) => kind).join(' '), frozen, notes: pasted.notes };
}

describe('does what it says', () => {
  it.each([
    ['net.append(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['x = net.append(nn.Tanh()).append(nn.ELU())', 'Conv2d ReLU Tanh ELU'],
    ['also = net\nalso.append(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['net.extend([nn.Tanh(), nn.ELU()])', 'Conv2d ReLU Tanh ELU'],
    ['net.extend(nn.Sequential(nn.Tanh()))', 'Conv2d ReLU Tanh'],
    ['net.insert(0, nn.Tanh())', 'Tanh Conv2d ReLU'],
    ['net.insert(-1, nn.Tanh())', 'Conv2d Tanh ReLU'],
    ['net.pop(0)', 'ReLU'],
    ['net.append(net.pop(0))', 'ReLU Conv2d'],
    ['net.add_module("act", nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['net.add_module("1", nn.Tanh())', 'Conv2d Tanh'],
    ['net.register_module("act", nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['net.act = nn.Tanh()\ndel net.act', 'Conv2d ReLU'],
    ['net.act = nn.Tanh()\nnet.act = nn.ELU()', 'Conv2d ReLU ELU'],
    ['del net[0]', 'ReLU'],
    ['del net[-1], net[-1]\nnet.append(nn.Tanh())', 'Tanh'],
    ['del net[1:]', 'Conv2d'],
    ['net[0] = nn.Tanh()', 'Tanh ReLU'],
    ['net[-1] = nn.Tanh()', 'Conv2d Tanh'],
    ['net += nn.Sequential(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['net = net + nn.Sequential(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['net = net[:1]', 'Conv2d'],
    // A part keeps its numbers, so that the next one's may be taken: PyTorch puts it in its place.
    ['net = net[1:]\nnet.append(nn.Tanh())', 'Tanh'],
    ['head = nn.Sequential(nn.Tanh())\nnet.append(head)\nhead.append(nn.ELU())', 'Conv2d ReLU Tanh ELU'],
    ['def add(to):\n  to.append(nn.Tanh())\nadd(net)\nadd(net)', 'Conv2d ReLU Tanh Tanh'],
    ['with torch.no_grad():\n  net.append(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['if __name__ == "__main__":\n  net.append(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['if not 3 == 4: net.append(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['net.append(nn.Tanh()) if 0 else None', 'Conv2d ReLU'],
    ['import torch; net.append(nn.Tanh())', 'Conv2d ReLU Tanh'],
    ['from torch.nn import (Tanh as T)\nnet.append(T())', 'Conv2d ReLU Tanh'],
    ['net = nn.Sequential(OrderedDict([("a", nn.ELU()), ("b", nn.Tanh()), ("a", nn.ReLU())]))', 'ReLU Tanh'],
  ])('%s', (text, kinds) => {
    expect(read(text)).toMatchObject({ kinds, notes: [] });
  });

  it.each([
    ['net.requires_grad_(False)', ['Conv2d']],
    ['net[0].requires_grad_(False)\nnet[0].requires_grad_()', []],
    ['net.append(nn.BatchNorm2d(2, track_running_stats=False).requires_grad_(False))', ['BatchNorm2d']],
  ])('%s', (text, frozen) => {
    expect(read(text)).toMatchObject({ frozen, notes: [] });
  });

  it('a frozen normalisation keeps its statistics here, which is told', () => {
    const { frozen, notes } = read('net.append(nn.BatchNorm2d(2))\nnet[2].requires_grad_(False)');
    expect(frozen).toEqual(['BatchNorm2d']);
    expect(notes.map(({ message, place }) => [place.line, message])).toEqual([
      [3, expect.stringContaining('running statistics')],
    ]);
  });
});

it.each([
  'net.to(device)',
  'net.cuda().train()',
  'model = net.to("cuda")',
  'torch.manual_seed(0)',
  'print(net)',
  'import torch.nn.functional as F',
])('changes nothing, and needs no note: %s', text => {
  expect(read(text)).toMatchObject({ kinds: 'Conv2d ReLU', notes: [] });
});

it.each([
  'net.eval()',
  'net.half()',
  'net.apply(init)',
  'optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\noptimizer.step()',
  'loss = nn.CrossEntropyLoss()',
  'summary(net, (1, 28, 28))',
  'y = net(torch.rand(1, 1, 28, 28))\ny.shape',
  'nn.init.zeros_(net[0].bias)',
  'net[0].weight.data.fill_(0)',
  'with torch.no_grad():\n  net[0].weight.fill_(1)\n  net[0].bias.zero_()',
  'torch.backends.cudnn.benchmark = True',
])('changes nothing, and is noted once: %s', text => {
  const { kinds, notes } = read(text);
  expect([kinds, notes.length]).toEqual(['Conv2d ReLU', 1]);
  expect(notes[0]!.place.line).toBe(2);
});

it.each([
  ['for i in range(3):\n  net.append(nn.Tanh())', 'Loops are not read'],
  ['[net.append(nn.Tanh()) for i in range(2)]', 'Loops are not read'],
  ['net.append(net)', 'holds itself'],
  ['net.extend(net)', 'go on for ever'],
  ['net.insert(5, nn.Tanh())', 'There are 2 layers'],
  ['net.act = nn.Tanh()\nnet.insert(0, nn.ELU())', 'without names'],
  ['net.pop(7)', 'no such entry'],
  ['net *= 2', '“*=”'],
  ['net = net * 2', '“*” is for numbers'],
  ['net[0:1] = [nn.Tanh()]', 'not changed afterwards'],
  ['net[0].stride = 2', 'where the layer is made'],
  ['net[0].bias = None', 'where the layer is made'],
  ['net[0].weight.requires_grad = False', 'not changed afterwards'],
  ['net[0].weight.requires_grad_(False)', 'frozen as a whole'],
  ['net.__setitem__(0, nn.Tanh())', '__setitem__(…) of nn.Sequential'],
  ['net._modules.pop("0")', '_modules.pop(…) of nn.Sequential'],
  ['net.register_forward_hook(hook)', 'register_forward_hook(…) of nn.Sequential'],
  ['net[0].append(nn.Tanh())', 'append(…) of a layer'],
  ['net.forward = other', 'Only a layer can stand'],
  ['setattr(net, "a", nn.Tanh())', 'setattr is not read here'],
  ['getattr(net, "append")(nn.Tanh())', 'getattr is not read here'],
  ['prune.random_unstructured(net[0], "weight", 0.5)', 'may change the network'],
  ['net = torch.compile(net)', 'may change the network'],
  ['net = nn.DataParallel(net)', 'no layer nn.DataParallel'],
  ['exec("net.append(nn.Tanh())")', 'Code within a text'],
  ['if flag:\n  net.append(nn.Tanh())', 'not known here'],
  ['net and net.append(nn.Tanh())', 'not known here'],
  ['from mylib import Conv2d\nnet.append(Conv2d(1, 2, 3))', 'mylib.Conv2d is not PyTorch’s Conv2d'],
  ['class ReLU(nn.Module):\n  def forward(self, x):\n    return x', 'The class ReLU is not read'],
  ['net.add_module(f"conv{1}", nn.Tanh())', 'f-string'],
  ['layers = [nn.Tanh()]\nlayers.append(nn.ELU())', 'append is not known here'],
  ['layers = [nn.Tanh()]\nlayers += [nn.ELU()]', '“+=”'],
  ['net.append(unheard())', 'unheard is not known here'],
  ['del net.act', 'no layer act'],
])('is refused at its place: %s', (text, part) => {
  const pasted = readPastedCode(MADE + text);
  if (!('error' in pasted)) throw new Error('the text was read');
  expect(pasted.error.message).toContain(part);
  expect(pasted.error.place.line).toBeGreaterThan(1);
});

it('parts of a network are no networks of their own', () => {
  const parts =
    'features = net\nhead = nn.Sequential(nn.Tanh())\nnet = nn.Sequential(features, head)\nhead.pop(0)';
  expect(read(parts)).toMatchObject({ kinds: 'Conv2d ReLU', notes: [] });
});

describe('the image of code that begins with what takes any', () => {
  const shapeOf = (layers: string, image: readonly [number, number, number] | null) => {
    const pasted = readPastedCode(`nn.Sequential(${layers})`, image);
    if ('error' in pasted) throw new Error(pasted.error.message);
    return Object.values(pasted.graph.nodes)[0]!.params.shape;
  };
  const heads = [
    'nn.Flatten(), nn.Linear(784, 10)',
    'nn.Flatten(), nn.ReLU(), nn.Linear(3072, 10)',
    'nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 10)',
    'nn.MaxPool2d(2), nn.Conv2d(3, 8, 3)',
    'nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)',
    'nn.ReLU(), nn.Linear(784, 10)',
    'nn.ReLU(), nn.Flatten(), nn.Linear(784, 10)',
    'nn.Dropout(0.2), nn.Conv2d(1, 8, 3)',
    'nn.ZeroPad2d(1), nn.Conv2d(64, 8, 3)',
    'nn.Upsample(scale_factor=2), nn.ReLU()',
    'nn.Sequential(nn.Flatten()), nn.Linear(784, 10)',
  ];

  it.each(heads)('%s: the one at hand', layers => {
    for (const image of [
      [1, 28, 28],
      [3, 32, 32],
      [3, 96, 128],
    ] as const)
      expect(shapeOf(layers, image)).toEqual(image);
  });

  it.each([
    ['nn.Flatten(), nn.Linear(784, 10)', [1, 28, 28]],
    ['nn.Flatten(), nn.Linear(3072, 10)', [3, 32, 32]],
    ['nn.Dropout(0.1), nn.Flatten(), nn.Linear(100, 10)', [1, 10, 10]],
    ['nn.MaxPool2d(2), nn.Flatten(), nn.Linear(196, 10)', [1, 28, 28]],
    ['nn.ReLU(), nn.Conv2d(3, 8, 3)', [3, 224, 224]],
  ])('%s: where none is at hand, one that fits', (layers, shape) => {
    expect(shapeOf(layers, null)).toEqual(shape);
  });
});
