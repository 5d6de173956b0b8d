/** Loads sharp when it is first needed: threads that only read plain PNGs start twice as fast without it. */
import type Sharp from 'sharp';

let loading: Promise<typeof Sharp> | undefined;

export function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // Parallelism is across images, not within; a file cache would return outdated images.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loading;
}
