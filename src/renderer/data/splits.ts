/** How splits are named, and the hue that each has in charts. */
import type { Split } from '../../bridge/datasetCalls.ts';

export const SPLITS: readonly { split: Split; title: string; hue: string }[] = [
  { split: 'train', title: 'training', hue: 'var(--f-conv)' },
  { split: 'val', title: 'validation', hue: 'var(--f-merge)' },
  { split: 'test', title: 'test', hue: 'var(--f-norm)' },
];

export function splitTitle(split: Split | null): string {
  return SPLITS.find(each => each.split === split)?.title ?? 'left out';
}
