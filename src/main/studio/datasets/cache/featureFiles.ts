/**
 * The files in which runs keep features (engine/runtime/featureFile.ts), beside the caches of their datasets. No row
 * knows of them: whatever is gone is computed anew. All of a workspace together have a budget; where a run wants room,
 * those that were used longest ago go first.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeInside } from '../../../removal.ts';
import { warn } from '../../../terminal.ts';

/** Bytes that all of a workspace may take. */
export const FEATURE_BUDGET = 8 * 2 ** 30;

const NAME = /^features-[0-9a-f]{32}\.bin$/;
/** In which the system counts what a file takes: less than its length, where it has holes. */
const BLOCK_BYTES = 512;

interface FeatureFile {
  readonly path: string;
  readonly bytes: number;
  /** When it was last used. */
  readonly usedAt: number;
}

/** Bytes that those in one dataset's folder take. */
export function featureBytes(folder: string): number {
  return featuresIn(folder).reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Removes what was used longest ago, until there is room within the budget. What cannot be removed stays, and is said.
 *
 * @param datasets the folder of the datasets of a workspace
 * @param wanted the file that is to have room; it stays
 * @param bytes that it will take
 */
export async function makeRoom(
  datasets: string,
  wanted: string,
  bytes: number,
  budget = FEATURE_BUDGET,
): Promise<void> {
  const others = namesIn(datasets)
    .flatMap(name => featuresIn(join(datasets, name)))
    .filter(({ path }) => path !== wanted)
    .sort((a, b) => a.usedAt - b.usedAt);
  let taken = others.reduce((sum, file) => sum + file.bytes, bytes);
  for (const { path, bytes: freed } of others) {
    if (taken <= budget) return;
    try {
      await removeInside(datasets, path);
      taken -= freed;
    } catch (error) {
      warn(`${path} was not removed: ${(error as Error).message}`);
    }
  }
}

function featuresIn(folder: string): FeatureFile[] {
  return namesIn(folder)
    .filter(name => NAME.test(name))
    .flatMap(name => {
      const path = join(folder, name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (!found?.isFile()) return [];
      const bytes =
        found.blocks === undefined ? found.size : Math.min(found.size, found.blocks * BLOCK_BYTES);
      return [{ path, bytes, usedAt: found.mtimeMs }];
    });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // There is none, or none that can be read: nothing of ours is there.
    return [];
  }
}
