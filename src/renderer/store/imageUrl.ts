/** Where an image of a dataset is had, pixel for pixel as training sees it, and its mask to lay over. */
import type { Id } from '../../bridge/ids.ts';
import { host } from './currentHost.ts';

export function imageUrl(dataset: Id, index: number): string {
  return host().mediaUrl(`/media/datasets/${dataset}/images/${index}.png`);
}

export function maskUrl(dataset: Id, index: number): string {
  return host().mediaUrl(`/media/datasets/${dataset}/masks/${index}.png`);
}
