/**
 * How fast folders of images are imported, beside Pillow decoding the same files in one process per core:
 * `node tests/bench/import.ts`. Grey PNGs of 28 × 28 as they are, JPEGs of 1600 × 1200 brought to 224 × 224. The
 * two take turns; medians of the images a second, and their ratio.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { Datasets } from '../../src/main/studio/datasets/datasets.ts';

const REPEATS = 3;
const PILLOW = `
import glob, sys, time
from multiprocessing import Pool
import numpy as np
from PIL import Image

def read(file):
    image = Image.open(file).convert(sys.argv[3])
    size = (int(sys.argv[4]), int(sys.argv[4]))
    return np.asarray(image if image.size == size else image.resize(size, Image.BILINEAR)).tobytes()

if __name__ == '__main__':
    files = sorted(glob.glob(sys.argv[1] + '/*/*'))
    with Pool(int(sys.argv[2])) as pool:
        start = time.time()
        count = sum(1 for _ in pool.imap(read, files, 16))
        print(count / (time.time() - start))
`;

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

async function importRate(folder: string, side: number): Promise<number> {
  const place = mkdtempSync(join(tmpdir(), 'receptive-bench-'));
  const workspace = openWorkspace(place, { mode: 'write' });
  const datasets = new Datasets(workspace, () => undefined, []);
  const preparation = {
    size: { height: side, width: side },
    fit: 'fill',
    colour: 'auto',
    normalise: 'dataset',
  } as const;
  const start = performance.now();
  const id = await datasets.importDataset({ path: folder, name: 'bench', preparation });
  const { count } = await datasets.finished(id);
  const rate = (1000 * count) / (performance.now() - start);
  workspace.close();
  rmSync(place, { recursive: true });
  return rate;
}

function pillowRate(folder: string, side: number, mode: 'L' | 'RGB'): number {
  const given = [folder, String(availableParallelism()), mode, String(side)];
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', PILLOW, ...given], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return Number(stdout);
}

/** Pixels that compress as pictures do, of no two files the same. */
function drawing(side: number, width: number, height: number, channels: 1 | 3, seed: number) {
  const random = createHash('shake256', { outputLength: side * side * channels });
  const cells = random
    .update(`${seed}`)
    .digest()
    .map(value => (value > 150 ? value : 0));
  const raw = { width: side, height: side, channels };
  const image = sharp(cells, { raw }).resize(width, height, { fit: 'fill' });
  return channels === 1 ? image.toColourspace('b-w') : image;
}

async function compare(
  name: string,
  count: number,
  side: number,
  mode: 'L' | 'RGB',
  file: (i: number) => Promise<Buffer>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'receptive-bench-'));
  const ending = mode === 'L' ? 'png' : 'jpg';
  for (const label of ['a', 'b']) mkdirSync(join(folder, label));
  for (let i = 0; i < count; i++)
    writeFileSync(join(folder, i % 2 ? 'a' : 'b', `${i}.${ending}`), await file(i));
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    ours.push(await importRate(folder, side));
    theirs.push(pillowRate(folder, side, mode));
  }
  rmSync(folder, { recursive: true });
  const [receptive, pillow] = [median(ours), median(theirs)];
  console.log(`${name}: ${JSON.stringify({ receptive, pillow, ratio: receptive / pillow })}`);
}

const [pngs = 20_000, jpegs = 2000] = process.argv.slice(2).map(Number);
await compare('28×28 PNG', pngs, 28, 'L', i => drawing(14, 28, 28, 1, i).png().toBuffer());
// A hundred pictures under two thousand names: drawing more of them would only take longer.
const photographs = new Map<number, Promise<Buffer>>();
await compare('1600×1200 JPEG at 224×224', jpegs, 224, 'RGB', i => {
  const seed = i % 100;
  const known = photographs.get(seed) ?? drawing(40, 1600, 1200, 3, seed).jpeg({ quality: 88 }).toBuffer();
  photographs.set(seed, known);
  return known;
});
