// @vitest-environment jsdom
/** The settings of a training: what a person types is in the document, or stays a draft with a sentence. */
import { screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { showDocument, undo, useDocument } from '../../src/renderer/store/openDocument.ts';
import { useTraining } from '../../src/renderer/store/trainingRun.ts';
import { Settings } from '../../src/renderer/train/settingsForm.tsx';
import { idOf } from '../ids.ts';
import { draw, playStudio } from './window.tsx';

const training = () => useDocument.getState().document.training;
const drafts = () => useTraining.getState().drafts;
const field = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });

beforeEach(() => {
  showDocument(idOf(1), newDocument('digits'));
  useTraining.setState({ drafts: {} });
});

test('what is typed into one field is one step of undo', async () => {
  const before = training().epochs;
  const person = draw(<Settings />);
  await person.clear(field('Epochs'));
  await person.type(field('Epochs'), '125');
  await person.tab();
  expect(training().epochs).toBe(125);
  expect(drafts()).toEqual({});
  undo();
  expect(training().epochs).toBe(before);
});

test('what cannot be is a draft: the document keeps what was right, a sentence says why', async () => {
  const before = training().batchSize;
  const person = draw(<Settings />);
  await person.clear(field('Batch size'));
  await person.type(field('Batch size'), '0');
  expect(training().batchSize).toBe(before);
  expect(drafts()).toEqual({ batchSize: 0 });
  expect(field('Batch size').getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByRole('status').textContent).toMatch(/1/);
  await person.clear(field('Batch size'));
  await person.type(field('Batch size'), '32');
  expect(training().batchSize).toBe(32);
  expect(drafts()).toEqual({});
  expect(screen.queryByRole('status')).toBeNull();
});

test('another optimizer brings its usual rate, unless the rate was chosen', async () => {
  const person = draw(<Settings />);
  const section = within(screen.getByRole('region', { name: 'Optimizer' }));
  const optimizer = section.getAllByRole('combobox')[0]!;
  await person.selectOptions(optimizer, 'SGD');
  const usual = training().learningRate;
  await person.selectOptions(optimizer, 'Adam');
  expect(training().optimizer.kind).toBe('Adam');
  expect(training().learningRate).not.toBe(usual);
  await person.clear(field('Learning rate'));
  await person.type(field('Learning rate'), '0.42');
  await person.selectOptions(optimizer, 'SGD');
  expect(training().learningRate).toBe(0.42);
});

test('far from the usual rate, the usual one is offered', async () => {
  const person = draw(<Settings />);
  const usual = training().learningRate;
  await person.clear(field('Learning rate'));
  await person.type(field('Learning rate'), '7');
  await person.click(screen.getByRole('button', { name: /^Use / }));
  expect(training().learningRate).toBe(usual);
});

test('without a dataset the way to one is offered', async () => {
  await playStudio({});
  draw(<Settings />);
  screen.getByText('There is no dataset yet.');
  screen.getByRole('button', { name: 'Import images' });
});
