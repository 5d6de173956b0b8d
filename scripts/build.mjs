/** `npm run build`: kernels, then bundles, whether or not anything changed. */
import { ensureBuilt, ensureInstalled, main } from './bootstrap.mjs';

await main(() => {
  ensureInstalled();
  ensureBuilt({ force: true });
  return 0;
});
