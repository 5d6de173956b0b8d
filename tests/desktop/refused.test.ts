/** The desktop host where it cannot open: it says why in one sentence and ends, without a window. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startWebHostProcess, webHostEntries } from '../webHostProcess.ts';
import { app, asked } from './electron.ts';
import { BrowserWindow } from './windows.ts';

test('a workspace that another studio has open is refused by name, with exit code 2', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'receptive-desktop-'));
  const other = await startWebHostProcess(workspace, [], webHostEntries.source);
  process.argv.push('--workspace', workspace);
  await import('../../src/main/desktop/main.ts');
  expect(await app.ended).toBe(2);
  expect(asked.errorBoxes).toEqual([expect.stringMatching(/^The workspace [^\n]* already open in [^\n]*$/)]);
  expect(BrowserWindow.getAllWindows()).toEqual([]);
  await other.stop();
  await rm(workspace, { recursive: true });
});
