/**
 * Imports the folder that is named into a workspace of its own, and says what came of it and what it took: a process of
 * its own for tests, whose memory nothing else fills.
 */
import { readFileSync } from 'node:fs';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { Datasets } from '../../src/main/studio/datasets/datasetService.ts';

const [folder, place] = process.argv.slice(2) as [string, string];
const workspace = openWorkspace(place, { mode: 'write' });
const datasets = new Datasets(workspace, () => undefined, []);

async function imported() {
  try {
    const { count, rejects } = await datasets.finished(
      await datasets.importDataset({ path: folder, name: 'x' }),
    );
    return { count, rejects };
  } catch (error) {
    return { error: `${error}` };
  }
}

const outcome = await imported();
// The largest resident set that it ever had: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html.
const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
process.stdout.write(JSON.stringify({ ...outcome, mebibytes: Number(kibibytes) / 1024 }));
await datasets.close();
workspace.close();
