/** What augmentations do, shown on a dataset's own images: by the kernels, with boxes and masks, by seed and epoch. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openWorkshop } from './workshop.ts';

const MIRRORED = [{ kind: 'RandomHorizontalFlip', params: { p: 1 } }];
const TURNED = [{ kind: 'RandomRotation', params: { degrees: 30 } }];

async function sample() {
  const { datasets } = await openWorkshop();
  await datasets.ensureSample();
  return { datasets, id: datasets.list()[0]!.id };
}

const raw = async (png: Uint8Array) => sharp(png).raw().toBuffer();

test('a mirrored image is the image mirrored, its box and mask with it', async () => {
  const { datasets, id } = await sample();
  const images = [3, 14];
  const shown = await datasets.previewAugmentations(id, {
    images,
    augmentations: MIRRORED,
    seed: 1,
    epoch: 0,
  });
  for (const [at, index] of images.entries()) {
    const { png, box, mask } = shown[at]!;
    const mirrored = await sharp(await datasets.image(id, index))
      .flop()
      .raw()
      .toBuffer();
    expect((await raw(png)).equals(mirrored)).toBe(true);
    const [left, top, width, height] = datasets.imageFacts(id, index).box!;
    for (const [place, value] of [32 - left - width, top, width, height].entries())
      expect(box![place]).toBeCloseTo(value, 3);
    const flopped = await sharp(await datasets.mask(id, index))
      .flop()
      .raw()
      .toBuffer();
    expect((await raw(mask!)).equals(flopped)).toBe(true);
  }
});

test('chance follows from seed and epoch, and without steps the image stays as it is', async () => {
  const { datasets, id } = await sample();
  const look = async (augmentations: typeof MIRRORED | typeof TURNED | [], seed: number, epoch: number) =>
    raw((await datasets.previewAugmentations(id, { images: [5], augmentations, seed, epoch }))[0]!.png);
  const [first, again, otherSeed, otherEpoch] = [
    await look(TURNED, 1, 0),
    await look(TURNED, 1, 0),
    await look(TURNED, 2, 0),
    await look(TURNED, 1, 1),
  ];
  expect(again!.equals(first!)).toBe(true);
  expect(otherSeed!.equals(first!)).toBe(false);
  expect(otherEpoch!.equals(first!)).toBe(false);
  expect((await look([], 1, 0)).equals(await raw(await datasets.image(id, 5)))).toBe(true);
});
