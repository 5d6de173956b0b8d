/** Writes files of torch.save for tests, byte by byte as a pickle of protocol 2 in an archive. */
import { zipOf } from './zipOf.ts';

export interface GivenTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export const ascii = (value: string): number[] => [...value].map(each => each.charCodeAt(0));
const word = (value: number): number[] => [
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  value >>> 24,
];
export const string = (value: string): number[] => [0x58, ...word(value.length), ...ascii(value)];
export const PROTOCOL_2: readonly number[] = [0x80, 2];

/** A file of torch.save around a pickle. */
export function archiveOf(
  pickle: readonly number[],
  data: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  return zipOf({ 'x/data.pkl': Uint8Array.from(pickle), ...data });
}

export interface TensorView {
  /** Numbers of its storage. */
  readonly count: number;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly key?: string;
}

/** A tensor of float32 as torch.save describes it. */
export function pickledTensor({ count, offset, shape, strides, key = '0' }: TensorView): number[] {
  const whole = (value: number) => [0x4a, ...word(value)];
  const tuple = (values: readonly number[]) => [0x28, ...values.flatMap(whole), 0x74];
  const storage = [
    0x28,
    ...string('storage'),
    ...ascii('ctorch\nFloatStorage\n'),
    ...string(key),
    ...string('cpu'),
  ];
  const parts = [...whole(offset), ...tuple(shape), ...tuple(strides), 0x89, 0x4e];
  const id = [...storage, ...whole(count), 0x74, 0x51];
  return [...ascii('ctorch._utils\n_rebuild_tensor_v2\n'), 0x28, ...id, ...parts, 0x74, 0x52];
}

/** A state_dict. */
export function torchArchive(tensors: readonly GivenTensor[]): Uint8Array {
  const items = tensors.map(({ name, shape, values }, i) => {
    const strides = shape.map((_, axis) =>
      shape.slice(axis + 1).reduce((product, extent) => product * extent, 1),
    );
    const tensor = pickledTensor({ count: values.length, offset: 0, shape, strides, key: `${i}` });
    return [...string(name), ...tensor, 0x73];
  });
  const data = tensors.map(({ values }, i) => {
    return [`x/data/${i}`, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)] as const;
  });
  return archiveOf([...PROTOCOL_2, 0x7d, ...items.flat(), 0x2e], Object.fromEntries(data));
}
