/**
 * Repairs for merges whose inputs differ in shape: one layer before each input that has to change. Where one layer each
 * is not enough, no repair is offered.
 */
import type { LayerSpec, Repair, RepairEdit } from './repair.ts';
import { type Shape, shapeText } from './shape.ts';

/** The stride with which a 1×1 kernel reduces one extent to another; undefined where there is none. */
function strideBetween(from: number, to: number): number | undefined {
  for (let stride = 1; stride <= from; stride++)
    if (Math.floor((from - 1) / stride) + 1 === to) return stride;
  return undefined;
}

/** A layer that maps one shape to another: a 1×1 convolution of an image, Linear of a vector. */
function projection(from: Shape, to: Shape): LayerSpec | undefined {
  if (from.length !== to.length) return undefined;
  if (to.length === 1) return { kind: 'Linear', params: { outFeatures: to[0]! } };
  const stride = [strideBetween(from[1]!, to[1]!), strideBetween(from[2]!, to[2]!)];
  if (stride.includes(undefined)) return undefined;
  const params = { outChannels: to[0]!, kernelSize: [1, 1], stride, padding: [0, 0, 0, 0] };
  return { kind: 'Conv2d', params };
}

/** The repair that changes all inputs to the shape of one of them, by the layers that `between` returns. */
function matchTo(
  inputs: readonly Shape[],
  title: (target: Shape) => string,
  isSame: (a: Shape, b: Shape) => boolean,
  between: (from: Shape, to: Shape) => LayerSpec | undefined,
): Repair[] {
  const targets = inputs.filter((shape, i) => inputs.findIndex(other => isSame(shape, other)) === i);
  return targets.flatMap((target): Repair[] => {
    const layers = inputs.map(shape => (isSame(shape, target) ? null : between(shape, target)));
    if (layers.includes(undefined)) return [];
    const edits = layers.flatMap((layer, input): RepairEdit[] =>
      layer ? [{ insertBefore: layer, input }] : [],
    );
    return [{ title: title(target), edits }];
  });
}

const sizeText = (shape: Shape) => shapeText(shape.slice(1));

/** For Add and Multiply: one shape for all inputs, or a Concat instead where only channels differ. */
export function matchShapes(inputs: readonly Shape[]): readonly Repair[] {
  const isSame = (a: Shape, b: Shape) => shapeText(a) === shapeText(b);
  const by = inputs[0]!.length === 1 ? 'Linear' : '1×1 convolution';
  const repairs = matchTo(inputs, target => `Match ${shapeText(target)} by ${by}`, isSame, projection);
  const concatenable = inputs.every(
    shape => shape.length === inputs[0]!.length && sizeText(shape) === sizeText(inputs[0]!),
  );
  if (concatenable)
    repairs.push({ title: 'Concatenate instead', replaceWith: { kind: 'Concat', params: {} } });
  return repairs.length > 0 ? repairs : flattenAll(inputs);
}

/** For Concat: one height and width for all inputs; channels stay. */
export function matchSizes(inputs: readonly Shape[]): readonly Repair[] {
  if (inputs.some(({ length }) => length !== inputs[0]!.length)) return flattenAll(inputs);
  const isSame = (a: Shape, b: Shape) => sizeText(a) === sizeText(b);
  const pooled = (from: Shape, to: Shape): LayerSpec | undefined => {
    if (from[1]! < to[1]! || from[2]! < to[2]!) return undefined;
    return { kind: 'AdaptiveAvgPool2d', params: { outputSize: to.slice(1) } };
  };
  const strided = (from: Shape, to: Shape) => projection(from, [from[0]!, ...to.slice(1)]);
  return [
    ...matchTo(inputs, target => `Match ${sizeText(target)} by strided 1×1 convolution`, isSame, strided),
    ...matchTo(inputs, target => `Match ${sizeText(target)} by average pooling`, isSame, pooled),
  ];
}

/** Where images and vectors are mixed: flattens every image. */
function flattenAll(inputs: readonly Shape[]): readonly Repair[] {
  const edits = inputs.flatMap((shape, input): RepairEdit[] =>
    shape.length === 3 ? [{ insertBefore: { kind: 'Flatten', params: {} }, input }] : [],
  );
  return edits.length > 0 && edits.length < inputs.length ? [{ title: 'Flatten the images', edits }] : [];
}
