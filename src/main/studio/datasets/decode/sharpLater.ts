/** sharp, loaded with the first file that needs it: a thread that reads plain PNGs starts twice as fast without. */
import type Sharp from 'sharp';

let loading: Promise<typeof Sharp> | undefined;

export function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // Many small images at once beat many threads on one; a cache of files would show a changed one as it was.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loading;
}
