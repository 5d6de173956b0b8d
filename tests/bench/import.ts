/**
 * How fast folders of images are imported, beside Pillow decoding the same files in one process per core:
 * `node tests/bench/import.ts`. Grey PNGs of 28 × 28 as they are, JPEGs of 1600 × 1200 brought to 224 × 224. The
 * two take turns; medians of the images a second of the clock, and of the processor, all threads and processes
 * together: where others use the machine, only the latter can be compared. A folder of class folders, its side and
 * L or RGB are measured instead: `node tests/bench/import.ts FOLDER 28 L`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { Datasets } from '../../src/main/studio/datasets/datasetService.ts';

const REPEATS = 3;
const PILLOW = `
import glob, resource, sys, time
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
        seconds = time.time() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(count / seconds, count / sum(each.ru_utime + each.ru_stime for each in used))
`;

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

interface Rate {
  clock: number;
  processor: number;
}

async function importRate(folder: string, side: number): Promise<Rate> {
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
  const used = process.cpuUsage();
  const id = await datasets.importDataset({ path: folder, name: 'bench', preparation });
  const { count } = await datasets.finished(id);
  const clock = (1000 * count) / (performance.now() - start);
  const { user, system } = process.cpuUsage(used);
  workspace.close();
  rmSync(place, { recursive: true });
  return { clock, processor: (1e6 * count) / (user + system) };
}

function pillowRate(folder: string, side: number, mode: string): Rate {
  const given = [folder, String(availableParallelism()), mode, String(side)];
  const { stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', PILLOW, ...given], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const [clock, processor] = stdout.split(' ').map(Number);
  return { clock: clock!, processor: processor! };
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

async function compare(name: string, folder: string, side: number, mode: string): Promise<void> {
  const [ours, theirs]: [Rate[], Rate[]] = [[], []];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    ours.push(await importRate(folder, side));
    theirs.push(pillowRate(folder, side, mode));
  }
  for (const by of ['clock', 'processor'] as const) {
    const [receptive, pillow] = [ours, theirs].map(rates => median(rates.map(rate => rate[by])));
    console.log(`${name}, ${by}: ${JSON.stringify({ receptive, pillow, ratio: receptive! / pillow! })}`);
  }
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`Largest resident set of Receptive until now: ${peak} MiB.`);
}

async function compareDrawn(
  name: string,
  count: number,
  side: number,
  mode: 'L' | 'RGB',
  file: (i: number) => Promise<Buffer>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'receptive-bench-'));
  const ending = mode === 'L' ? 'png' : 'jpg';
  for (const label of ['a', 'b']) mkdirSync(join(folder, label));
  for (let i = 0; i < count; i++)
    writeFileSync(join(folder, i % 2 ? 'a' : 'b', `${i}.${ending}`), await file(i));
  await compare(name, folder, side, mode);
  rmSync(folder, { recursive: true });
}

async function compareBoth(pngs: number, jpegs: number): Promise<void> {
  await compareDrawn('28×28 PNG', pngs, 28, 'L', i => drawing(14, 28, 28, 1, i).png().toBuffer());
  // A hundred pictures under two thousand names: drawing more of them would only take longer.
  const photographs = new Map<number, Promise<Buffer>>();
  await compareDrawn('1600×1200 JPEG at 224×224', jpegs, 224, 'RGB', i => {
    const seed = i % 100;
    const known = photographs.get(seed) ?? drawing(40, 1600, 1200, 3, seed).jpeg({ quality: 88 }).toBuffer();
    photographs.set(seed, known);
    return known;
  });
}

const [first = '20000', second = '2000', mode = 'L'] = process.argv.slice(2);
if (Number.isNaN(Number(first))) await compare(first, first, Number(second), mode);
else await compareBoth(Number(first), Number(second));
