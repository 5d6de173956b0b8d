/** What a view shows of a question: its answer, how far it is, or why there is none. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { count } from '../ui/numberFormat.ts';
import type { Asked } from './askStudio.ts';

interface AnsweredProps<T> {
  asked: Asked<T>;
  children: (answer: T) => ReactNode;
}

export function Answered<T>({ asked, children }: AnsweredProps<T>) {
  const { answer, settled, error, progress } = asked;
  return (
    <div className="answered" aria-busy={!settled && error === null}>
      {error !== null && (
        <p className="explain-note" role="alert">
          {error}
        </p>
      )}
      {progress && (
        <p className="explain-progress" role="status">
          <progress max={progress.total} value={progress.done} aria-label="Progress" />
          <span className="dim">
            {count(progress.done)} of {count(progress.total)}
          </span>
          <Button onClick={asked.cancel}>Cancel</Button>
        </p>
      )}
      {answer !== null && error === null && children(answer)}
      {answer === null && error === null && !progress && <p className="dim explain-note">Computing…</p>}
    </div>
  );
}
