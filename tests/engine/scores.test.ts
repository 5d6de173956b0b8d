/** What the programs measure of an answer by themselves: the best class of each pixel, the overlap of boxes. */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { defaultTraining, type Training } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

/** A network that answers with its own input. */
function answering(
  answer: 'box' | 'mask',
  shape: [number, number, number],
  loss: Training['losses'][number]['kind'],
  batch: number,
): Session {
  const flat = answer === 'box' ? [['Flatten', 'flatten'] as const] : [];
  const graph = chain([['Input', 'input', { shape }], ...flat, ['Output', 'output', { answer }]]);
  const backend = loadBackend();
  const model = compile({
    inference: infer(graph),
    training: { ...defaultTraining, losses: [{ answer, kind: loss, params: {}, weight: 1 }] },
    batch,
    input: 'real',
    programs: ['evaluate'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  return new Session(model, backend, 1);
}

it('counts right pixels among those that have a class', () => {
  const session = answering('mask', [3, 2, 2], 'CrossEntropyLoss', 2);
  const [head] = session.model.heads as [(typeof session.model.heads)[number]];
  const scoresFor = (classes: number[]) => classes.flatMap(own => [0, 1, 2].map(c => Number(c === own)));
  session.realImages.set([...scoresFor([0, 1, 2, 0]), ...scoresFor([1, 1, 1, 1])]);
  session.targets(head).set([0, 1, 1, 255, 1, 255, -100, 1]);
  session.run('evaluate', 2);
  expect([...session.predictions(head)]).toEqual([0, 1, 2, 0, 1, 1, 1, 1]);
  expect(session.scores(head)[0]).toBeCloseTo(2 / 3);
  expect(session.scores(head)[1]).toBe(1);
  session.close();
});

it('takes a single score for two classes', () => {
  const session = answering('mask', [1, 1, 4], 'BCEWithLogitsLoss', 1);
  const [head] = session.model.heads as [(typeof session.model.heads)[number]];
  session.realImages.set([-2, 3, 0.1, -0.1]);
  session.targets(head).set([0, 1, 0, 0]);
  session.run('evaluate', 1);
  expect([...session.predictions(head)]).toEqual([0, 1, 1, 0]);
  expect(session.scores(head)[0]).toBe(0.75);
  session.close();
});

it('measures the overlap of boxes, of those turned inside out none', () => {
  const session = answering('box', [4, 1, 1], 'GIoULoss', 3);
  const [head] = session.model.heads as [(typeof session.model.heads)[number]];
  session.realImages.set([0, 0, 0.5, 1, 0.25, 0.25, 0.75, 0.75, 0.9, 0.9, 0.1, 0.1]);
  session.targets(head).set([0.25, 0, 0.75, 1, 0.25, 0.25, 0.75, 0.75, 0.1, 0.1, 0.9, 0.9]);
  session.run('evaluate', 3);
  const scores = [...session.scores(head)];
  expect(scores[0]).toBeCloseTo(1 / 3);
  expect(scores[1]).toBeCloseTo(1);
  expect(scores[2]).toBe(0);
  session.close();
});
