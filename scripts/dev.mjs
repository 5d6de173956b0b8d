/** `npm run dev`: installs and builds what is missing, then the studio from its sources (dev.ts) under Node 24. */
import { join } from 'node:path';
import { becomeNode, ensureInstalled, ensureKernels, main, root } from './bootstrap.mjs';

await main(() => {
  ensureInstalled();
  ensureKernels();
  return becomeNode([join(root, 'scripts', 'dev.ts'), ...process.argv.slice(2)]);
});
