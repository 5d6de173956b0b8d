/** `receptive predict`: what a run's best weights say of image files. */
import { resolve } from 'node:path';
import type { ImageAnswer } from '../../engine/runtime/imageAnswers.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import { isSomethingElse } from '../regularFile.ts';
import { decode } from '../studio/datasets/decode/pictureProcesses.ts';
import { type Command, print, text } from './command.ts';
import { withServices } from './openWorkspace.ts';
import { openTrained } from './trainedRun.ts';
import { chosenBackend, settingOptions } from './trainingSettings.ts';

/** The predictions for one file, or why it could not be read. */
type FilePrediction = { file: string; error: string } | { file: string; answers: object[] };

export const predict: Command = {
  name: 'predict',
  usage: 'RUN IMAGE…',
  summary: 'Asks the best weights of a run about images: class probabilities, boxes in pixels, masks.',
  options: { backend: settingOptions.backend },
  positionals: [2, Number.POSITIVE_INFINITY],
  async run(invocation) {
    const [wanted, ...files] = invocation.positionals as [string, ...string[]];
    return withServices(invocation, { what: 'receptive predict', workers: 1 }, async services => {
      const { data, network } = openTrained(services, wanted, 1, {
        backend: chosenBackend(text(invocation, 'backend') ?? 'auto').name,
        batch: 1,
      });
      try {
        const said: FilePrediction[] = [];
        for (const file of files) {
          const decoded = isSomethingElse(file)
            ? { reason: 'it is no regular file' }
            : await decode(resolve(file), data.imageShape);
          if ('reason' in decoded) said.push({ file, error: decoded.reason });
          else {
            const answers = network.answer(decoded.pixels).map(answer => describe(answer, data));
            said.push({ file, answers });
          }
        }
        print(invocation, said, () => said.map(readable));
        return said.some(each => 'error' in each) ? 1 : 0;
      } finally {
        network.close();
      }
    });
  },
};

function describe(
  { answer, shape, values }: ImageAnswer,
  { classes, masks, imageShape }: TrainingData,
): object {
  if (answer === 'class') {
    const ranked = values
      .map((probability, i) => ({ class: classes[i], probability }))
      .toSorted((a, b) => b.probability - a.probability);
    return { answer, class: ranked[0]!.class, scores: ranked };
  }
  if (answer === 'box') {
    const [, height, width] = imageShape;
    return { answer, box: values.map((value, i) => value * (i % 2 === 0 ? width : height)) };
  }
  const names = masks?.classes ?? [];
  const shares = names.map((name, c) => [name, values.filter(each => each === c).length / values.length]);
  return { answer, shape, classes: names, shares: Object.fromEntries(shares), mask: values };
}

function readable(said: FilePrediction): string {
  if ('error' in said) return `${said.file}: ${said.error}`;
  const parts = said.answers.map(answer => {
    if ('scores' in answer) {
      const best = (answer.scores as { class: string; probability: number }[]).slice(0, 3);
      return best.map(each => `${each.class} ${each.probability.toFixed(3)}`).join(', ');
    }
    if ('box' in answer) return `box ${(answer.box as number[]).map(each => each.toFixed(1)).join(' ')}`;
    const shares = Object.entries((answer as { shares: Record<string, number> }).shares);
    return shares.map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`).join(', ');
  });
  return `${said.file}: ${parts.join('; ')}`;
}
