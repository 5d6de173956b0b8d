/**
 * Where Winograd's F(4×4, 3×3) computes a convolution, and the size of its transformed weights. It takes 36 products
 * per 16 outputs, where the definition takes 144; the transforms cost as much as a few channels.
 */
import {
  PANEL,
  WINOGRAD_APART,
  WINOGRAD_CHUNK_TILES,
  WINOGRAD_GRADIENT_BLOCK,
  WINOGRAD_POINTS,
  WINOGRAD_TILE,
} from './kernelConstants.ts';
import type { Lowering, Tensor } from './lowering.ts';
import type { Geometry } from './window.ts';

const MIN_CHANNELS = 16;

/**
 * The most products in relation to the definition's. Tiles that exceed a small image are computed whole, which may not
 * pay off.
 */
const MAX_PRODUCT_RATIO = 0.6;

const tilesOf = (height: number, width: number) =>
  Math.ceil(height / WINOGRAD_TILE) * Math.ceil(width / WINOGRAD_TILE);

export function suitsWinograd(geometry: Geometry): boolean {
  const { channels, outChannels, height, width, outHeight, outWidth, groups } = geometry;
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = geometry;
  if (kernelHeight !== 3 || kernelWidth !== 3 || groups !== 1) return false;
  if (strideHeight * strideWidth !== 1 || dilationHeight * dilationWidth !== 1) return false;
  if (Math.min(channels, outChannels) < MIN_CHANNELS) return false;
  const forward = (WINOGRAD_POINTS * tilesOf(outHeight, outWidth)) / (9 * outHeight * outWidth);
  const backward = (WINOGRAD_POINTS * tilesOf(height, width)) / (9 * height * width);
  return Math.max(forward, backward) < MAX_PRODUCT_RATIO;
}

/**
 * With at most this many tiles, the transformed weights are not stored: each block of tiles transforms the weights that
 * it needs, which with few blocks is seldom done twice.
 */
const MAX_TILES_UNSTORED = 128;

/**
 * The operands for the weight of the forward pass or the input gradient: `u`, the weight transformed beforehand by an
 * instruction of its own, or `weight`, which the kernel transforms as it goes. The other is null.
 */
export function emitTransformedWeight(
  lowering: Lowering,
  pass: 'forward' | 'backward',
  geometry: Geometry,
): { u: Tensor | null; weight: Tensor | null } {
  const { channels, outChannels, outHeight, outWidth } = geometry;
  if (lowering.batch * tilesOf(outHeight, outWidth) <= MAX_TILES_UNSTORED)
    return { u: null, weight: lowering.weight('weight') };
  const [from, to] = pass === 'forward' ? [channels, outChannels] : [outChannels, channels];
  const count = WINOGRAD_POINTS * (Math.ceil(to / PANEL) * PANEL * from + WINOGRAD_APART);
  const u = lowering.temporary('transformed', count);
  const name = pass === 'forward' ? 'winogradWeightForward' : 'winogradWeightBackward';
  lowering.emit(name, { weight: lowering.weight('weight'), u, ...geometry });
  return { u, weight: null };
}

const LARGE_BLOCK = WINOGRAD_GRADIENT_BLOCK;
const SMALL_BLOCK = WINOGRAD_GRADIENT_BLOCK / 2;

/**
 * For the weight's gradient: the block size in channels, the number of blocks, each of which is a task, and the most
 * groups of images to sum over. Large blocks need fewer transforms; small ones fit the cache and give enough tasks
 * without many groups.
 */
export function gradientBlocks({ channels, outChannels, outHeight, outWidth }: Geometry, batch: number) {
  const blocksOf = (block: number) => Math.ceil(channels / block) * Math.ceil(outChannels / block);
  const block = blocksOf(LARGE_BLOCK) < 4 ? SMALL_BLOCK : LARGE_BLOCK;
  const mostParts = Math.max(1, Math.floor((batch * tilesOf(outHeight, outWidth)) / WINOGRAD_CHUNK_TILES));
  return { block, blocks: blocksOf(block), mostParts };
}
