/** One setting of a project, by where it stands. */
import { expect, test } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { assign } from '../../src/experiments/assignment.ts';
import { sweepFault, sweepFields } from '../../src/experiments/sweepFields.ts';

const document = newDocument('x');

test('the same kind keeps its parameters, another begins with its own', () => {
  expect(assign(document, 'optimizer.kind', 'SGD')).toEqual(document);
  expect(assign(document, 'optimizer.kind', 'Adam')?.training.optimizer).toMatchObject({
    kind: 'Adam',
    params: { beta1: 0.9, beta2: 0.999 },
  });
});

test('every setting that a sweep offers can have the value that it has', () => {
  const fields = sweepFields(document);
  expect(fields.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['learningRate', 'optimizer.kind', 'optimizer.momentum', 'regularisation.l1']),
  );
  for (const { path, value } of fields) expect(sweepFault(document, path, value)).toBeNull();
  expect(sweepFault(document, 'learningRate', -1)).toMatch(/^-1 cannot stand here/);
  expect(sweepFault(document, 'optimizer.wings', 1)).toBe('There is no setting optimizer.wings.');
});
