/** What a person has at hand: a folder of pictures, and a network that is killed often and has to end the same. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { chanceOf, whole } from './chance.ts';

export const CLASSES = ['cats', 'dogs', 'owls'];
const SIDE = 12;

/** One PNG of noise that no two seeds share. */
export function picture(seed: number): Promise<Buffer> {
  const pixels = Buffer.from(
    Array.from({ length: SIDE * SIDE * 3 }, (_, at) => (at * 31 + seed * 97 + ((at * seed) % 13) * 7) % 256),
  );
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
}

/** Class folders of pictures. */
export async function putPictures(folder: string, count: number, seed = 1): Promise<string> {
  for (const name of CLASSES) mkdirSync(join(folder, name), { recursive: true });
  for (let at = 0; at < count; at++) {
    const name = CLASSES[at % CLASSES.length]!;
    writeFileSync(join(folder, name, `${String(at).padStart(4, '0')}.png`), await picture(seed + at));
  }
  return folder;
}

/** An IDX dataset: so many images that rows of an import are written before its end. */
export function putDigits(folder: string, count: number): string {
  mkdirSync(folder, { recursive: true });
  const images = Buffer.alloc(16 + count * 16);
  for (const [at, value] of [2051, count, 4, 4].entries()) images.writeUInt32BE(value, at * 4);
  const chance = chanceOf(count);
  for (let at = 16; at < images.length; at++) images[at] = whole(chance, 256);
  const labels = Buffer.alloc(8 + count);
  for (const [at, value] of [2049, count].entries()) labels.writeUInt32BE(value, at * 4);
  for (let at = 0; at < count; at++) labels[8 + at] = at % CLASSES.length;
  writeFileSync(join(folder, 'images-idx3-ubyte'), images);
  writeFileSync(join(folder, 'labels-idx1-ubyte'), labels);
  return folder;
}

/** All that acts by chance and all that is kept from step to step takes part. */
export function doomed(epochs: number): ProjectDocument {
  const graph = chain([
    ['Input', 'input', { shape: [3, SIDE, SIDE] }],
    ['Conv2d', 'conv', { outChannels: 8 }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'relu'],
    ['Dropout', 'dropout', { p: 0.2 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: CLASSES.length }],
  ]);
  const document = newDocument('doomed', graph);
  const training = {
    ...document.training,
    epochs,
    batchSize: 16,
    optimizer: { kind: 'Adam', params: {} },
    learningRate: 0.01,
    regularisation: { ...document.training.regularisation, ema: 0.8, clipNorm: 1 },
    stopping: { ...document.training.stopping, restoreBest: true },
    augmentations: [{ kind: 'RandomHorizontalFlip', params: {} }],
  };
  return { ...document, training };
}
