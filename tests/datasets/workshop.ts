/** A studio's datasets in a temporary workspace, and the pictures and IDX files that a person would have. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import type { DatasetDetail, DatasetImage } from '../../src/bridge/datasetCalls.ts';
import type { Id } from '../../src/bridge/ids.ts';
import type { Workspace } from '../../src/main/database/workspace.ts';
import { Datasets } from '../../src/main/studio/datasets/datasetService.ts';
import { openFor, temporaryFolder } from '../database/temporary.ts';

export interface Workshop {
  datasets: Datasets;
  workspace: Workspace;
  events: StudioEvent[];
  /** A folder for the person's own files. */
  desk: string;
  /** Imports and waits. */
  importFolder(path: string, name: string): Promise<DatasetDetail>;
  /** Every image, in order. */
  imagesOf(id: Id): DatasetImage[];
  /** What lies in the workspace's folder of datasets. */
  caches(): Promise<string[]>;
}

export async function openWorkshop({
  folder = temporaryFolder(),
  roots = [] as string[],
} = {}): Promise<Workshop> {
  const workspace = openFor(folder);
  const events: StudioEvent[] = [];
  const datasets = new Datasets(workspace, event => events.push(event), roots);
  onTestFinished(() => datasets.close());
  await datasets.recover();
  return {
    datasets,
    workspace,
    events,
    desk: temporaryFolder(),
    async importFolder(path, name) {
      const id = await datasets.importDataset({ path, name });
      await datasets.finished(id);
      return datasets.detail(id);
    },
    imagesOf: id => datasets.images(id, { split: null, label: null, offset: 0, limit: 100_000 }).images,
    caches: () => readdir(join(folder, 'datasets')).catch(() => []),
  };
}

/** Pixels that no two seeds share. */
function noise(bytes: number, seed: number): Buffer {
  return Buffer.from(
    Array.from({ length: bytes }, (_, at) => (at * 31 + seed * 97 + ((at * seed) % 13) * 7) % 256),
  );
}

interface PictureOptions {
  seed?: number;
  width?: number;
  height?: number;
  grey?: boolean;
  format?: 'png' | 'jpeg' | 'webp' | 'gif';
}

export function picture(options: PictureOptions = {}): Promise<Buffer> {
  const { seed = 1, width = 12, height = 12, grey = false, format = 'png' } = options;
  const channels = grey ? 1 : 3;
  const image = sharp(noise(width * height * channels, seed), { raw: { width, height, channels } });
  return (grey ? image.toColourspace('b-w') : image).toFormat(format).toBuffer();
}

/** Writes files by their paths below a folder, making the folders between. */
export async function put(folder: string, files: Record<string, Uint8Array | string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Class folders with so many pictures each, named 000.png and on. */
export async function putClasses(
  folder: string,
  classes: Record<string, number>,
  options: PictureOptions = {},
): Promise<string> {
  let seed = 0;
  for (const [name, count] of Object.entries(classes)) {
    for (let index = 0; index < count; index++) {
      const path = `${name}/${String(index).padStart(3, '0')}.png`;
      await put(folder, { [path]: await picture({ seed: ++seed, ...options }) });
    }
  }
  return folder;
}

/** The two files of an IDX dataset of `count` images of 4×3, whose labels count up to nine and start again. */
export function idxFiles(prefix: string, count: number, seed = 1): Record<string, Buffer> {
  const images = Buffer.alloc(16 + count * 12);
  for (const [at, value] of [2051, count, 4, 3].entries()) images.writeUInt32BE(value, at * 4);
  noise(count * 12, seed).copy(images, 16);
  const labels = Buffer.alloc(8 + count);
  labels.writeUInt32BE(2049, 0);
  labels.writeUInt32BE(count, 4);
  for (let index = 0; index < count; index++) labels[8 + index] = index % 10;
  return { [`${prefix}images-idx3-ubyte`]: images, [`${prefix}labels-idx1-ubyte`]: labels };
}

export function gzipped(files: Record<string, Buffer>): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${name}.gz`, gzipSync(content)]),
  );
}
