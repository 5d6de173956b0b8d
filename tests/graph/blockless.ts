import type { Graph } from '../../src/engine/graph/document.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

/** Conv2d, BatchNorm2d and ReLU, which blocks are made of, then a classifier. */
export function blockless(): Graph {
  return chain([
    ['Input', 'input', { shape: [8, 5, 5] }],
    ['Conv2d', 'conv', { outChannels: 8, bias: false }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'relu'],
    ['GlobalAvgPool2d', 'pool'],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 10 }],
  ]);
}
