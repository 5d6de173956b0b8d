/** Reads `CxHxW`: the shape of one image, as the command line takes it. */
import { quoted } from '../arguments.ts';
import { UsageError } from './command.ts';

export function parseInputShape(value: string): [number, number, number] {
  const extents = value.split(/[x×]/).map(Number);
  if (extents.length !== 3 || !extents.every(extent => Number.isInteger(extent) && extent > 0)) {
    throw new UsageError(
      `--input wants channels x height x width, such as 1x28x28; it got ${quoted(value)}.`,
    );
  }
  return extents as [number, number, number];
}
