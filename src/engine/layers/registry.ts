/** The registry of layer kinds: one line each. Everything that lists, draws or explains layers asks here. */
import { add } from './add.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { flatten } from './flatten.ts';
import { input } from './input.ts';
import type { LayerKind } from './layer.ts';
import { linear } from './linear.ts';
import { maxPool2d } from './maxPool2d.ts';
import { multiply } from './multiply.ts';
import { relu } from './relu.ts';

const kinds: readonly LayerKind[] = [input, conv2d, relu, maxPool2d, flatten, linear, add, multiply, concat];

const byName = new Map(kinds.map(kind => [kind.kind, kind]));

export function layerKinds(): readonly LayerKind[] {
  return kinds;
}

export function layerKind(name: string): LayerKind | undefined {
  return byName.get(name);
}
