/** What a dataset's report says, a line for each finding. */
import type { DatasetDetail, ImageFlag } from '../../bridge/datasetCalls.ts';
import { shortened } from '../studio/datasets/quote.ts';

const FLAGS: Readonly<Record<ImageFlag, string>> = {
  leak: 'copies in several splits',
  duplicate: 'copies of another image',
  near: 'nearly copies of another image',
  constant: 'of one colour alone',
  extreme: 'very long or very wide',
};

export function findings({ report, rejects, preparation, classes }: DatasetDetail): string[] {
  const flags = Object.entries(FLAGS) as [ImageFlag, string][];
  return [
    `images: ${preparation}`,
    ...report.notes,
    ...flags.flatMap(([flag, words]) =>
      report.flags[flag] > 0 ? [`${words}: ${report.flags[flag]} images`] : [],
    ),
    ...report.uncovered.map(label => `not in every split: ${classes[label]}`),
    ...rejects.map(({ path, reason }) => `not used: ${path}: ${reason}`),
  ].map(shortened);
}
