/** Ids of projects, datasets, runs and uploads: short, random, safe in paths and addresses. */
import { randomBytes } from 'node:crypto';
import type { Id } from '../../bridge/ids.ts';

export function newId(): Id {
  return randomBytes(8).toString('hex');
}
