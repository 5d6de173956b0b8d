/** The names that folders and columns give to splits. */
import type { Split } from '../../../../bridge/datasetCalls.ts';

const NAMES: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
};

export function splitNamed(name: string): Split | undefined {
  return NAMES[name.trim().toLowerCase()];
}
