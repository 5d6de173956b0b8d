#!/usr/bin/env node
/** `receptive` under whatever Node the shell has: installs and builds what is missing, then runs the command line. */
import { join } from 'node:path';
import { becomeNode, ensureBuilt, ensureInstalled, main, root } from '../scripts/bootstrap.mjs';

await main(() => {
  ensureInstalled();
  ensureBuilt();
  return becomeNode([join(root, 'out', 'main', 'cli.js'), ...process.argv.slice(2)]);
});
