/** How the validation, or in the end the test, was answered last: every figure, and what is taken for what. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { Split } from '../../bridge/datasetCalls.ts';
import type { EvaluatedHead, RunEvaluation, RunSummary } from '../../bridge/runCalls.ts';
import { usePulled } from '../store/pulled.ts';
import { evaluationQuestion } from '../store/questions.ts';
import { Confusion } from '../ui/confusionMatrix.tsx';
import { fraction, plural } from '../ui/numberFormat.ts';

const splitNames: Readonly<Record<'val' | 'test', string>> = { val: 'validation', test: 'test' };

/** Figures by the name that the engine gives them. */
const titles: Readonly<Record<string, string>> = {
  accuracy: 'Accuracy',
  loss: 'Loss',
  precision: 'Precision',
  recall: 'Recall',
  f1: 'F1',
  top5: 'Among the best five',
  boxIou: 'Overlap of boxes',
  maskIou: 'Overlap of masks',
  pixelAccuracy: 'Right pixels',
};

/** Asked anew with every epoch. */
export function useEvaluation(run: RunSummary, split: Split): RunEvaluation | null | undefined {
  return usePulled(evaluationQuestion(run, split));
}

export function Evaluation({ run }: { run: RunSummary }) {
  const hasTest = 'test.loss' in run.metrics;
  const [chosen, setChosen] = useState<'val' | 'test' | null>(null);
  const split = chosen ?? (hasTest ? 'test' : 'val');
  const evaluation = useEvaluation(run, split);
  const figures = Object.entries(run.metrics).filter(([name]) => name.startsWith(`${split}.`));
  return (
    <section className="card evaluation" aria-label="Evaluation">
      <div className="card-head">
        <h2>Evaluation</h2>
        {hasTest ? (
          <SegmentedControl
            aria-label="Of which images"
            size="xs"
            value={split}
            data={(['val', 'test'] as const).map(value => ({ value, label: splitNames[value] }))}
            onChange={value => setChosen(value as 'val' | 'test')}
          />
        ) : (
          <span className="tiny">validation</span>
        )}
      </div>
      {figures.length === 0 ? (
        <p className="dim">The first figures come after the first epoch.</p>
      ) : (
        <dl className="evaluation-figures">
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{titles[name.slice(split.length + 1)] ?? name.slice(split.length + 1)}</dt>
              <dd>{fraction(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {evaluation && (
        <>
          <p className="tiny">
            {plural(evaluation.images, 'image')} after {plural(evaluation.epoch, 'epoch')}
          </p>
          {evaluation.heads
            .filter(({ confusion }) => confusion.length > 0)
            .map(head => (
              <Head key={head.answer} head={head} />
            ))}
        </>
      )}
    </section>
  );
}

function Head({ head: { answer, classes, confusion } }: { head: EvaluatedHead }) {
  return <Confusion classes={classes} counts={confusion} unit={answer === 'mask' ? 'pixel' : 'image'} />;
}
