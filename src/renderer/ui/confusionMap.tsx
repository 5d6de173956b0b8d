/** A confusion matrix of many classes as a picture: a pixel for each cell, the stronger the larger its share. */
import { useComputedColorScheme } from '@mantine/core';
import { type PointerEvent, useEffect, useRef } from 'react';
import type { ConfusionCell, ConfusionParts } from './confusionParts.ts';
import { colour } from './curvePlot.ts';

export function ConfusionMap({ classes, counts, label, setAt, shareOf, onChoose }: ConfusionParts) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: shares follow from the counts, colours from the scheme
  useEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    context.clearRect(0, 0, classes.length, classes.length);
    for (const [truth, row] of counts.entries()) {
      for (const [answer, value] of row.entries()) {
        if (value === 0) continue;
        // By its root, so that what is seldom confused can be seen too.
        context.globalAlpha = Math.sqrt(shareOf({ truth, answer }));
        context.fillStyle = colour(truth === answer ? 'var(--accent)' : 'var(--f-merge)');
        context.fillRect(answer, truth, 1, 1);
      }
    }
  }, [counts, classes.length, scheme]);
  const cellAt = (event: PointerEvent<HTMLCanvasElement>): ConfusionCell => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const place = (share: number) =>
      Math.min(classes.length - 1, Math.max(0, Math.floor(share * classes.length)));
    return {
      truth: place((event.clientY - top) / height),
      answer: place((event.clientX - left) / width),
    };
  };
  return (
    <canvas
      ref={canvas}
      className="confusion-map"
      role="img"
      aria-label={`${label}, ${classes.length} classes`}
      width={classes.length}
      height={classes.length}
      data-choosable={onChoose !== undefined || undefined}
      onPointerMove={event => setAt(cellAt(event))}
      onPointerLeave={() => setAt(null)}
      onPointerDown={event => onChoose?.(cellAt(event))}
    />
  );
}
