/** `receptive import`: a folder of images becomes a dataset. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Job } from '../../bridge/contract.ts';
import { UserError } from '../userError.ts';
import { type Command, print, required } from './command.ts';
import { progressBar } from './progress.ts';
import { withServices } from './services.ts';

export const importImages: Command = {
  name: 'import',
  usage: 'PATH --name NAME',
  summary: 'Imports a folder of class folders, or of IDX files, as a dataset.',
  options: { name: { type: 'string', value: 'NAME', help: 'what the dataset is to be called' } },
  positionals: [1, 1],
  async run(invocation) {
    const name = required(invocation, 'name');
    const path = resolve(invocation.positionals[0]!);
    // Looked at before a workspace is made for it.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw new UserError(`${path} is no folder, or it is not there.`);
    }
    const bar = progressBar();
    const show = ({ done, total, rate, state }: Job) => {
      if (state === 'running') bar.show(done, total, `${Math.round(rate)} images/s`);
    };
    const options = {
      what: 'receptive import',
      creates: true,
      emit: (event: { type: string; job?: Job }) => event.job && show(event.job),
    };
    return withServices(invocation, options, async ({ datasets }) => {
      const id = await datasets.importDataset({ path, name });
      const cancel = () => datasets.cancelJob(id);
      process.once('SIGINT', cancel);
      const detail = await datasets.finished(id).finally(() => {
        process.off('SIGINT', cancel);
        bar.clear();
      });
      print(invocation, detail, () => {
        const counts = Object.entries(detail.classCounts).map(
          ([split, perClass]) => `${perClass.reduce((sum, count) => sum + count, 0)} ${split}`,
        );
        const head = `${detail.name}: ${detail.count} images ${detail.imageShape.join('×')}, ${detail.classes.length} classes (${counts.join(', ')})`;
        return [head, ...detail.rejects.map(({ path, reason }) => `not used: ${path}: ${reason}`)].join('\n');
      });
      return 0;
    });
  },
};
