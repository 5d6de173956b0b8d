/** Shapes that are drawn, of which class, box and mask are known, and the folders that they can be written to. */
import sharp from 'sharp';
import type { EntryPicture } from '../../src/main/studio/datasets/formats/datasetFormat.ts';
import { drawnShapes } from '../../src/main/studio/datasets/formats/sampleShapes.ts';

const SIDE = 32;
export const PIXELS = SIDE * SIDE;

export interface Drawn {
  /** `star/0003`, whose class is a folder's name. */
  path: string;
  label: number;
  className: string;
  pixels: Buffer;
  mask: Buffer;
  box: [number, number, number, number];
}

export async function draw(count: number): Promise<Drawn[]> {
  const source = drawnShapes(count, 7);
  const drawn: Drawn[] = [];
  for await (const [result] of source.pictures(new AbortController().signal)) {
    const { pixels, mask, box } = result as Required<EntryPicture>;
    const { path, label } = source.entries[drawn.length]!;
    const className = source.classes[label]!;
    drawn.push({ path, label, className, pixels: Buffer.from(pixels), mask: Buffer.from(mask), box });
  }
  return drawn;
}

export const png = (pixels: Buffer, channels: 1 | 3) =>
  sharp(pixels, { raw: { width: SIDE, height: SIDE, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();

export async function images(drawn: readonly Drawn[], prefix = ''): Promise<Record<string, Buffer>> {
  const files = drawn.map(
    async ({ path, pixels }) => [`${prefix}${path}.png`, await png(pixels, 3)] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

/** What a COCO file says of them; its numbers of categories have gaps, as COCO's own have. */
export function toCoco(drawn: readonly Drawn[]) {
  const names = [...new Set(drawn.map(({ className }) => className))];
  return {
    images: drawn.map(({ path }, id) => ({ id, file_name: `${path}.png` })),
    annotations: drawn.map(({ label, box }, image) => ({
      image_id: image,
      category_id: 7 * label,
      bbox: box as number[],
    })),
    categories: names.map((name, label) => ({ id: 7 * label, name })),
  };
}
