/** Mean and standard deviation of pixels per channel, of values from 0 to 1, gathered picture by picture. */
export class ChannelStatistics {
  /** How often each value occurred: channel × 256. Exact, so that the order of pictures does not matter. */
  readonly #histogram: Float64Array;
  readonly #channels: number;

  constructor(channels: number) {
    this.#channels = channels;
    this.#histogram = new Float64Array(channels * 256);
  }

  /** @param pixels height × width × channels */
  add(pixels: Uint8Array): void {
    const channels = this.#channels;
    for (let channel = 0; channel < channels; channel++) {
      const base = channel * 256;
      for (let at = channel; at < pixels.length; at += channels) this.#histogram[base + pixels[at]!]!++;
    }
  }

  result(): { mean: number[]; std: number[] } {
    const mean: number[] = [];
    const std: number[] = [];
    for (let channel = 0; channel < this.#channels; channel++) {
      const counts = this.#histogram.subarray(channel * 256, (channel + 1) * 256);
      const total = Math.max(
        1,
        counts.reduce((sum, count) => sum + count, 0),
      );
      const average = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
      const spread = counts.reduce((sum, count, value) => sum + count * (value - average) ** 2, 0) / total;
      mean.push(average / 255);
      std.push(Math.sqrt(spread) / 255);
    }
    return { mean, std };
  }
}
