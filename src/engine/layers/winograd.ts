/**
 * Where Winograd's F(4×4, 3×3) computes a convolution, and what its transformed weights take. 36 products give 16
 * outputs, where the definition takes 144; transforms cost as much as a few channels do.
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

const FEWEST_CHANNELS = 16;

/** A tile that hangs over the image is computed as a whole: small images may not be worth it. */
const LARGEST_SHARE = 0.6;

const tilesOf = (height: number, width: number) =>
  Math.ceil(height / WINOGRAD_TILE) * Math.ceil(width / WINOGRAD_TILE);

export function suitsWinograd(geometry: Geometry): boolean {
  const { channels, outChannels, height, width, outHeight, outWidth, groups } = geometry;
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = geometry;
  if (kernelHeight !== 3 || kernelWidth !== 3 || groups !== 1) return false;
  if (strideHeight * strideWidth !== 1 || dilationHeight * dilationWidth !== 1) return false;
  if (Math.min(channels, outChannels) < FEWEST_CHANNELS) return false;
  const forward = (WINOGRAD_POINTS * tilesOf(outHeight, outWidth)) / (9 * outHeight * outWidth);
  const backward = (WINOGRAD_POINTS * tilesOf(height, width)) / (9 * height * width);
  return Math.max(forward, backward) < LARGEST_SHARE;
}

/** Up to so many tiles each block of them transforms the weights that it needs: few do it more than once. */
const FEW_TILES = 128;

/** The weight as the forward pass reads it, or the gradient of the input: transformed, or to be on the way. */
export function emitTransformedWeight(
  lowering: Lowering,
  pass: 'forward' | 'backward',
  geometry: Geometry,
): { u: Tensor | null; weight: Tensor | null } {
  const { channels, outChannels, outHeight, outWidth } = geometry;
  if (lowering.batch * tilesOf(outHeight, outWidth) <= FEW_TILES)
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
 * In what blocks of channels a weight's gradient is computed, each by itself, and over how many groups of images at most.
 * Large blocks transform less, small ones stay in the cache and are enough for many workers without many groups.
 */
export function gradientBlocks({ channels, outChannels, outHeight, outWidth }: Geometry, batch: number) {
  const blocksOf = (block: number) => Math.ceil(channels / block) * Math.ceil(outChannels / block);
  const block = blocksOf(LARGE_BLOCK) < 4 ? SMALL_BLOCK : LARGE_BLOCK;
  const mostParts = Math.max(1, Math.floor((batch * tilesOf(outHeight, outWidth)) / WINOGRAD_CHUNK_TILES));
  return { block, blocks: blocksOf(block), mostParts };
}
