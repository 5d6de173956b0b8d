/** `receptive import`: a folder of images becomes a dataset. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ImportOptions, Job, Preparation } from '../../bridge/datasetCalls.ts';
import { LONGEST_NAME, quoted } from '../arguments.ts';
import { DEFAULT_PREPARATION } from '../studio/datasets/formats/datasetFormat.ts';
import { UserError } from '../userError.ts';
import { type Command, type Invocation, print, required, text, UsageError } from './command.ts';
import { findings } from './findings.ts';
import { withServices } from './openWorkspace.ts';
import { progressBar } from './progress.ts';

const KINDS = ['auto', 'folders', 'csv', 'idx', 'cifar', 'coco', 'masks'] as const;

export const importImages: Command = {
  name: 'import',
  usage: 'PATH --name NAME',
  summary:
    'Imports a folder as a dataset: class folders, a CSV with files, IDX, CIFAR, COCO, images with masks.',
  options: {
    name: {
      type: 'string',
      value: 'NAME',
      help: 'what the dataset is to be called',
      longest: LONGEST_NAME,
    },
    kind: { type: 'string', value: KINDS.join('|'), help: 'how the folder is read; auto finds out' },
    size: { type: 'string', value: 'HxW', help: 'what all images are brought to' },
    fit: { type: 'string', value: 'contain|cover|fill', help: 'how: whole, its middle, or stretched' },
  },
  positionals: [1, 1],
  async run(invocation) {
    const name = required(invocation, 'name');
    const path = resolve(invocation.positionals[0]!);
    const source = { path, name, ...optionsOf(invocation) };
    // Looked at before a workspace is made for it.
    if (!isFolder(path)) throw new UserError(`${path} is no folder, or it is not there.`);
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
      const begun = datasets.list().find(known => known.name === name && known.state === 'partial');
      // One that was interrupted goes on.
      const id = await (begun?.source === path
        ? datasets.renewDataset(begun.id)
        : datasets.importDataset(source));
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
        return [head, ...findings(detail)];
      });
      return 0;
    });
  },
};

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** @throws UsageError where an option has no such value */
function optionsOf(invocation: Invocation): ImportOptions {
  const kind = chosen(invocation, 'kind', KINDS) ?? 'auto';
  const fit = chosen(invocation, 'fit', ['contain', 'cover', 'fill'] as const) ?? DEFAULT_PREPARATION.fit;
  const size = sizeOf(text(invocation, 'size'));
  return {
    ...(kind !== 'auto' && { format: kind }),
    preparation: { ...DEFAULT_PREPARATION, fit, size },
  };
}

function chosen<T extends string>(invocation: Invocation, name: string, values: readonly T[]): T | undefined {
  const given = text(invocation, name);
  const found = values.find(value => value === given);
  if (given === undefined || found) return found;
  throw new UsageError(`--${name} takes ${values.join(', ')}; it got ${quoted(given)}.`);
}

function sizeOf(given: string | undefined): Preparation['size'] {
  if (given === undefined) return null;
  const [, height, width] = /^(\d{1,4})[x×](\d{1,4})$/.exec(given) ?? [];
  if (!Number(height) || !Number(width))
    throw new UsageError(`--size takes height and width, such as 64x64; it got ${quoted(given)}.`);
  return { height: Number(height), width: Number(width) };
}
