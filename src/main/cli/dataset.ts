/** `receptive dataset`: what is known of one dataset. */

import { quoted } from '../arguments.ts';
import { sizeText } from '../errorSentences.ts';
import { Datasets } from '../studio/datasets/datasetService.ts';
import { UserError } from '../userError.ts';
import { type Command, print, table } from './command.ts';
import { findings } from './findings.ts';
import { openToRead } from './openWorkspace.ts';

export const dataset: Command = {
  name: 'dataset',
  usage: 'NAME',
  summary: 'Shows a dataset: classes, counts, splits, statistics, versions, and what could not be used.',
  options: {},
  positionals: [1, 1],
  async run(invocation) {
    const workspace = openToRead(invocation);
    try {
      const wanted = invocation.positionals[0]!;
      const record = workspace.datasets.byName(wanted);
      if (!record)
        throw new UserError(`There is no dataset ${quoted(wanted)}; receptive datasets lists them.`);
      const detail = new Datasets(workspace, () => undefined, []).detail(record.id);
      const { classes, classCounts, versions, mean, std, featureBytes } = detail;
      const figures = (values: number[]) => values.map(value => value.toFixed(4)).join(' ');
      print(invocation, detail, () => [
        ...table(
          ['class', 'train', 'val', 'test'],
          classes.map((name, label) => [
            name,
            classCounts.train[label]!,
            classCounts.val[label]!,
            classCounts.test[label]!,
          ]),
        ),
        `mean ${figures(mean)}, standard deviation ${figures(std)}`,
        ...(featureBytes > 0 ? [`features that runs keep: ${sizeText(featureBytes)}`] : []),
        ...versions.map(
          each => `version ${each.version}: ${each.change}, ${each.count} images, ${each.runs} runs`,
        ),
        ...findings(detail),
      ]);
      return 0;
    } finally {
      workspace.close();
    }
  },
};
