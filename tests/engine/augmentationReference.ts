/**
 * Every augmentation once more, in plain float64 TypeScript, from torchvision's formulas: what the kernels are
 * held against. It shares the random numbers with them (runtime/philox.ts), and nothing else.
 */
import { philox } from '../../src/engine/runtime/philox.ts';

export interface Picture {
  /** From 0 to 1, channels last. */
  pixels: Float64Array;
  channels: number;
  height: number;
  width: number;
  /** Left, top, right, bottom, as shares. */
  box: number[];
  mask: number[];
}

export interface Draws {
  seed: number;
  epoch: number;
  key: number;
  index: number;
}

type Params = Readonly<Record<string, number>>;
type Augment = (picture: Picture, params: Params, draws: Draws) => Picture;

const STREAM = 4;

const drawn = ({ seed, epoch, key, index }: Draws, draw: number) =>
  philox([draw, epoch, key, index], seed, STREAM);
const uniform = (bits: number) => (bits >>> 8) / 2 ** 24;
const between = (low: number, high: number, bits: number) => low + (high - low) * uniform(bits);
const clamped = (value: number) => Math.min(1, Math.max(0, value));

/** From a place in the new image to one in the old, both in pixels from the middle. */
type Inverse = (x: number, y: number) => [number, number];

/** Moves the picture; `forward` is where a place of the old image comes to lie. */
function moved(picture: Picture, inverse: Inverse, forward: Inverse): Picture {
  const { pixels, channels, height, width } = picture;
  const at = (row: number, column: number, c: number) =>
    row >= 0 && column >= 0 && row < height && column < width
      ? pixels[(row * width + column) * channels + c]!
      : 0;
  const result = { ...picture, pixels: new Float64Array(pixels.length), mask: [...picture.mask] };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [u, v] = inverse(column + 0.5 - width / 2, row + 0.5 - height / 2);
      const [x, y] = [u + width / 2 - 0.5, v + height / 2 - 0.5];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [right, down] = [x - left, y - top];
      for (let c = 0; c < channels; c++) {
        result.pixels[(row * width + column) * channels + c] =
          (1 - down) * ((1 - right) * at(top, left, c) + right * at(top, left + 1, c)) +
          down * ((1 - right) * at(top + 1, left, c) + right * at(top + 1, left + 1, c));
      }
      const [nearX, nearY] = [Math.round(x), Math.round(y)];
      const inside = nearX >= 0 && nearY >= 0 && nearX < width && nearY < height;
      result.mask[row * width + column] = inside ? picture.mask[nearY * width + nearX]! : 0;
    }
  }
  const [l, t, r, b] = picture.box as [number, number, number, number];
  const corners = [
    [l, t],
    [r, t],
    [l, b],
    [r, b],
  ].map(([x, y]) => {
    const [u, v] = forward((x! - 0.5) * width, (y! - 0.5) * height);
    return [u / width + 0.5, v / height + 0.5] as const;
  });
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  result.box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].map(clamped);
  return result;
}

const coloured = (picture: Picture, change: (pixel: number[]) => number[]): Picture => {
  const { pixels, channels } = picture;
  const result = new Float64Array(pixels.length);
  for (let at = 0; at < pixels.length; at += channels)
    result.set(change([...pixels.subarray(at, at + channels)]), at);
  return { ...picture, pixels: result };
};

const grey = ([r, g, b]: number[]) => 0.2989 * r! + 0.587 * g! + 0.114 * b!;
const factorOf = (amount: number, draws: Draws) =>
  between(Math.max(0, 1 - amount), 1 + amount, drawn(draws, 0)[0]);

/** By way of hue, saturation and value, as colorsys has it. */
function turned([r, g, b]: number[], turn: number): number[] {
  const [high, low] = [Math.max(r!, g!, b!), Math.min(r!, g!, b!)];
  if (high === low) return [r!, g!, b!];
  const [rc, gc, bc] = [r!, g!, b!].map(each => (high - each) / (high - low)) as [number, number, number];
  const sixth = r === high ? bc - gc : g === high ? 2 + rc - bc : 4 + gc - rc;
  const hue = (((sixth / 6 + turn) % 1) + 1) % 1;
  const saturation = (high - low) / high;
  const sector = Math.floor(hue * 6);
  const part = hue * 6 - sector;
  const p = high * (1 - saturation);
  const q = high * (1 - saturation * part);
  const t = high * (1 - saturation * (1 - part));
  const sectors = [
    [high, t, p],
    [q, high, p],
    [p, high, t],
    [p, q, high],
    [t, p, high],
    [high, p, q],
  ];
  return sectors[sector % 6]!;
}

const scaling =
  (factor: number): Inverse =>
  (x, y) => [x * factor, y * factor];
const turning =
  (angle: number): Inverse =>
  (x, y) => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
const shifting =
  (dx: number, dy: number): Inverse =>
  (x, y) => [x + dx, y + dy];
const same: Inverse = (x, y) => [x, y];

export const references: Readonly<Record<string, Augment>> = {
  RandomHorizontalFlip(picture, { p }, draws) {
    const flip: Inverse = uniform(drawn(draws, 0)[0]) < p! ? (x, y) => [-x, y] : same;
    return moved(picture, flip, flip);
  },
  RandomVerticalFlip(picture, { p }, draws) {
    const flip: Inverse = uniform(drawn(draws, 0)[0]) < p! ? (x, y) => [x, -y] : same;
    return moved(picture, flip, flip);
  },
  RandomRotation(picture, { degrees }, draws) {
    const angle = (between(-degrees!, degrees!, drawn(draws, 0)[0]) * Math.PI) / 180;
    return moved(picture, turning(angle), turning(-angle));
  },
  RandomScale(picture, { least, most }, draws) {
    const factor = between(least!, most!, drawn(draws, 0)[0]);
    return moved(picture, scaling(1 / factor), scaling(factor));
  },
  RandomTranslation(picture, { horizontal, vertical }, draws) {
    const [a, b] = drawn(draws, 0);
    const across = Math.floor(between(-horizontal!, horizontal!, a) * picture.width + 0.5);
    const down = Math.floor(between(-vertical!, vertical!, b) * picture.height + 0.5);
    return moved(picture, shifting(-across, -down), shifting(across, down));
  },
  RandomResizedCrop(picture, { least, most, narrowest, widest }, draws) {
    const { width, height } = picture;
    const [a, b, c, d] = drawn(draws, 0);
    const area = between(least!, most!, a) * width * height;
    const ratio = Math.exp(between(Math.log(narrowest!), Math.log(widest!), b));
    const across = Math.min(width, Math.sqrt(area * ratio));
    const down = Math.min(height, Math.sqrt(area / ratio));
    const left = (width - across) * uniform(c) - width / 2;
    const top = (height - down) * uniform(d) - height / 2;
    return moved(
      picture,
      (x, y) => [left + ((x + width / 2) / width) * across, top + ((y + height / 2) / height) * down],
      (x, y) => [((x - left) / across) * width - width / 2, ((y - top) / down) * height - height / 2],
    );
  },
  RandomBrightness(picture, { amount }, draws) {
    const factor = factorOf(amount!, draws);
    return coloured(picture, pixel => pixel.map(each => clamped(each * factor)));
  },
  RandomContrast(picture, { amount }, draws) {
    const factor = factorOf(amount!, draws);
    let sum = 0;
    coloured(picture, pixel => {
      sum += pixel.length === 3 ? grey(pixel) : pixel.reduce((a, b) => a + b, 0) / pixel.length;
      return pixel;
    });
    const mean = sum / (picture.height * picture.width);
    return coloured(picture, pixel => pixel.map(each => clamped(factor * each + (1 - factor) * mean)));
  },
  RandomSaturation(picture, { amount }, draws) {
    const factor = factorOf(amount!, draws);
    if (picture.channels !== 3) return picture;
    return coloured(picture, pixel => pixel.map(each => clamped(factor * each + (1 - factor) * grey(pixel))));
  },
  RandomHue(picture, { amount }, draws) {
    const turn = between(-amount!, amount!, drawn(draws, 0)[0]);
    return picture.channels === 3 ? coloured(picture, pixel => turned(pixel, turn)) : picture;
  },
  GaussianBlur(picture, { p, reach, least, most }, draws) {
    const [a, b] = drawn(draws, 0);
    if (uniform(a) >= p!) return picture;
    const { pixels, channels, height, width } = picture;
    const sigma = between(least!, most!, b);
    const window = Math.min(reach!, height - 1, width - 1);
    const mirrored = (i: number, size: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
    const result = new Float64Array(pixels.length);
    for (const at of pixels.keys()) {
      const [c, column, row] = [
        at % channels,
        Math.floor(at / channels) % width,
        Math.floor(at / channels / width),
      ];
      let [sum, weights] = [0, 0];
      for (let i = -window; i <= window; i++) {
        for (let j = -window; j <= window; j++) {
          const weight = Math.exp(-(i * i + j * j) / (2 * sigma * sigma));
          const from = mirrored(row + i, height) * width + mirrored(column + j, width);
          sum += weight * pixels[from * channels + c]!;
          weights += weight;
        }
      }
      result[at] = sum / weights;
    }
    return { ...picture, pixels: result };
  },
  RandomErasing(picture, { p, least, most, narrowest, widest, value }, draws) {
    if (uniform(drawn(draws, 0)[0]) >= p!) return picture;
    const { width, height, channels } = picture;
    for (let draw = 1; draw <= 10; draw++) {
      const [a, b, c, d] = drawn(draws, draw);
      const area = between(least!, most!, a) * width * height;
      const ratio = Math.exp(between(Math.log(narrowest!), Math.log(widest!), b));
      const [down, across] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
      if (down >= height || across >= width) continue;
      const top = Math.floor((c / 2 ** 32) * (height - down + 1));
      const left = Math.floor((d / 2 ** 32) * (width - across + 1));
      const pixels = picture.pixels.map((each, at) => {
        const [column, row] = [Math.floor(at / channels) % width, Math.floor(at / channels / width)];
        const inside = row >= top && row < top + down && column >= left && column < left + across;
        return inside ? value! : each;
      });
      return { ...picture, pixels };
    }
    return picture;
  },
};
