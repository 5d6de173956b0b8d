/**
 * Decodes plain JPEG files that are much larger than needed, at a half, a quarter or an eighth of their size:
 * photographs dominate import time, and sharp's overhead equals its decoding (tests/bench/import.ts). jpegHeader.ts
 * decides which are plain; all others, and irregular ones, are left to sharp. Pixels equal sharp's up to rounding: same
 * scale, same filter.
 *
 * The kernels (kernels/pictures) run in a WebAssembly memory of their own, so that a malicious file cannot reach
 * anything else.
 */
import { readFileSync } from 'node:fs';
import type { Preparation } from '../../../../bridge/datasetCalls.ts';
import {
  JPEG_COMPONENTS,
  JPEG_FRAME_BYTES,
  PICTURE_SLACK,
  RESIZE_ACROSS_PIXELS,
  RESIZE_ACROSS_TAPS,
  RESIZE_BYTES,
  RESIZE_DOWN_TAPS,
  RESIZE_MOST_TAPS,
} from '../../../../engine/layers/kernelConstants.ts';
import { compileKernels } from '../../../../engine/runtime/backend.ts';
import { resource } from '../../../../engine/runtime/fileLocation.ts';
import { MOST_PIXELS } from '../limits.ts';
import { fittingOf, type PixelExtent, scaleOf } from './imageGeometry.ts';
import { type JpegHeader, readJpegHeader } from './jpegHeader.ts';
import { lanczosAxis, type ResizeAxis, type ResizedLine } from './lanczos.ts';

/** Files that need more memory are left to sharp. */
const MOST_MEMORY_BYTES = 128 << 20;
const WASM_PAGE_BYTES = 65536;

interface Kernels {
  memory: WebAssembly.Memory;
  /** Where free memory begins. */
  readonly __heap_base: WebAssembly.Global;
  decode(frame: number): number;
  to_rgb(first: number, second: number, third: number, length: number): void;
  resize(how: number): void;
}

let opened: Kernels | undefined;

function open(): Kernels {
  const kernels = compileKernels(new Uint8Array(readFileSync(resource('pictures.wasm'))));
  return new WebAssembly.Instance(kernels).exports as unknown as Kernels;
}

export interface PlainPicture {
  /** height × width × channels */
  pixels: Uint8Array;
  /** The size that the file has. */
  extent: PixelExtent;
}

/**
 * Undefined where the file is not plain, incomplete, or not much larger than needed.
 *
 * @param shape channels, height, width
 * @param into the buffer for the pixels, if it has the right length; else a new one
 */
export function decodePlainJpeg(
  bytes: Uint8Array,
  shape: readonly [number, number, number],
  fit: Preparation['fit'],
  into?: Uint8Array,
): PlainPicture | undefined {
  const header = readJpegHeader(bytes);
  const plan = header && planOf(header, shape, fit);
  if (!header || !plan) return undefined;
  opened ??= open();
  const space = new Space(opened.__heap_base.value);
  const wanted = shape[0] * shape[1] * shape[2];
  const places: Places = {
    file: space.take(bytes.length),
    planes: header.components.map(() => space.take(plan.stride * plan.rows)),
    axes: [plan.down, plan.across].map(({ starts, weights }) => ({
      starts: space.take(starts.byteLength),
      weights: space.take(weights.byteLength),
    })),
    line: space.take(2 * (plan.shrunk.width + 2 * plan.across.taps + PICTURE_SLACK)),
    pixels: space.take(wanted),
    words: space.take(Math.max(JPEG_FRAME_BYTES, RESIZE_BYTES)),
  };
  if (!space.fits(opened.memory)) return undefined;
  if (!readPlanes(opened, bytes, header, plan, places)) return undefined;
  resizePlanes(opened, shape, plan, places);
  const result = into?.length === wanted ? into : new Uint8Array(wanted);
  result.set(new Uint8Array(opened.memory.buffer, places.pixels, wanted));
  return { pixels: result, extent: { width: header.width, height: header.height } };
}

interface Plan {
  /** MCUs, across and down. */
  mcus: [number, number];
  /** Pixels that a block of each component becomes, across as well as down. */
  sides: number[];
  /** Bytes of a row of the planes, which have the same size, and how many rows there are. */
  stride: number;
  rows: number;
  /** The image's part of the planes. */
  shrunk: PixelExtent;
  /** The vertical resampling. */
  down: Axis;
  across: Axis;
}

interface Axis extends ResizeAxis {
  /** The first pixel of the wanted image that is covered, and their number. */
  at: number;
  count: number;
}

function planOf(
  header: JpegHeader,
  [channels, height, width]: readonly [number, number, number],
  fit: Preparation['fit'],
): Plan | undefined {
  const { components } = header;
  // Conversion to grey is left to sharp.
  if (components.length > channels || header.width * header.height > MOST_PIXELS) return undefined;
  const image = { width, height };
  const whole = scaleOf(header, image, fit);
  const load = loadedSmaller(1 / Math.max(whole.x, whole.y));
  const most = Math.max(...components.map(({ across }) => across));
  const sides = components.map(({ across }) => (8 * most) / (across * load));
  const isSquare = components.every(({ across, down }) => across === down);
  if (load === 1 || !isSquare || !sides.every(side => [1, 2, 4, 8].includes(side))) return undefined;
  const mcus: Plan['mcus'] = [Math.ceil(header.width / (8 * most)), Math.ceil(header.height / (8 * most))];
  const [stride, rows] = mcus.map(count => (count * 8 * most) / load) as [number, number];
  const shrunk = { width: Math.floor(header.width / load), height: Math.floor(header.height / load) };
  const scale = scaleOf(shrunk, image, fit);
  const { scaleX, scaleY, left, top } = fittingOf(shrunk, image, fit);
  const line = (from: number, by: number, fitted: number) => {
    return { from, shrink: 1 / by, to: Math.round(from * fitted) };
  };
  const across = axisOf(line(shrunk.width, scale.x, scaleX), left, width, ACROSS);
  const down = axisOf(line(shrunk.height, scale.y, scaleY), top, height, DOWN);
  if (down.taps > RESIZE_MOST_TAPS) return undefined;
  return { mcus, sides, stride, rows, shrunk, down, across };
}

/** The reduction while decoding, chosen as sharp does. */
function loadedSmaller(shrink: number): number {
  const load = [8, 4, 2].find(each => shrink >= each) ?? 1;
  return load > 1 && Math.floor(shrink) === load ? load / 2 : load;
}

interface Multiples {
  taps: number;
  pixels: number;
}

/** Group sizes of resize.c. */
const ACROSS: Multiples = { taps: RESIZE_ACROSS_TAPS, pixels: RESIZE_ACROSS_PIXELS };
const DOWN: Multiples = { taps: RESIZE_DOWN_TAPS, pixels: 1 };

/** @param offset where the resized line begins in the wanted one, which is `length` long */
function axisOf(
  line: Pick<ResizedLine, 'from' | 'shrink' | 'to'>,
  offset: number,
  length: number,
  multiples: Multiples,
): Axis {
  const [at, first] = [Math.max(0, offset), Math.max(0, -offset)];
  const count = Math.min(length, line.to - first);
  return { ...keptAxis({ ...line, first, count }, multiples), at, count };
}

/** Cached, because computing weights takes as long as decoding, and sizes repeat. */
const axes = new Map<string, ResizeAxis>();
const MOST_AXES = 64;

function keptAxis(line: ResizedLine, multiples: Multiples): ResizeAxis {
  const key = JSON.stringify([line, multiples]);
  let axis = axes.get(key);
  if (!axis) {
    if (axes.size === MOST_AXES) axes.clear();
    axis = lanczosAxis(line, multiples);
    axes.set(key, axis);
  }
  return axis;
}

/** Addresses in the kernels' memory. */
interface Places {
  file: number;
  planes: number[];
  /** Down, across. */
  axes: { starts: number; weights: number }[];
  line: number;
  pixels: number;
  /** The kernel's argument: a struct of 32-bit words. */
  words: number;
}

/** False where the scan is irregular. */
function readPlanes(
  { memory, decode, to_rgb }: Kernels,
  bytes: Uint8Array,
  { components, scan, interval }: JpegHeader,
  { mcus, sides, stride, rows }: Plan,
  { file, planes, words }: Places,
): boolean {
  new Uint8Array(memory.buffer).set(bytes, file);
  new Int32Array(memory.buffer, words).set([
    ...[file + scan, file + bytes.length, ...mcus, interval, stride, planes.length],
    ...components.flatMap(({ quantisers, dc, ac, across, down }, i) => [
      ...[file + quantisers, file + dc, file + ac, across, down, sides[i]!, planes[i]!],
    ]),
  ]);
  if (decode(words) === 0) return false;
  if (planes.length === JPEG_COMPONENTS) to_rgb(planes[0]!, planes[1]!, planes[2]!, stride * rows);
  return true;
}

function resizePlanes(
  { memory, resize }: Kernels,
  [channels, height, width]: readonly [number, number, number],
  { stride, shrunk, down, across }: Plan,
  { planes, axes, line, pixels, words }: Places,
): void {
  for (const [i, { starts, weights }] of [down, across].entries()) {
    new Int32Array(memory.buffer, axes[i]!.starts).set(starts);
    new Int16Array(memory.buffer, axes[i]!.weights).set(weights);
  }
  // Uncovered pixels are black.
  new Uint8Array(memory.buffer).fill(0, pixels, pixels + channels * height * width);
  const to = pixels + channels * (down.at * width + across.at);
  for (let channel = 0; channel < channels; channel++) {
    new Int32Array(memory.buffer, words).set([
      ...[planes[channel] ?? planes[0]!, shrunk.width, shrunk.height, stride],
      ...[down.count, down.taps, axes[0]!.starts, axes[0]!.weights],
      ...[across.count, across.taps, axes[1]!.starts, axes[1]!.weights],
      ...[line, to + channel, channels, channels * width],
    ]);
    resize(words);
  }
}

/** Allocates the kernels' memory from the bottom. */
class Space {
  #next: number;

  constructor(base: number) {
    this.#next = base;
  }

  take(bytes: number): number {
    const place = (this.#next + 15) & ~15;
    this.#next = place + bytes + PICTURE_SLACK;
    return place;
  }

  /** Whether the allocated memory is available, growing it if needed. */
  fits(memory: WebAssembly.Memory): boolean {
    if (this.#next > MOST_MEMORY_BYTES) return false;
    const missing = this.#next - memory.buffer.byteLength;
    try {
      if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
      return true;
    } catch {
      return false;
    }
  }
}
