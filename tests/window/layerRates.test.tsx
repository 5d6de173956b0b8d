// @vitest-environment jsdom
/** Learning rates by group of layers: what is typed goes into the document where it can be, and says why where not. */
import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { withModel } from '../../src/engine/zoo/zoo.ts';
import { showDocument, useDocument } from '../../src/renderer/store/openDocument.ts';
import { LayerRates } from '../../src/renderer/train/layerRatesForm.tsx';
import { idOf } from '../ids.ts';
import { draw } from './window.tsx';

const rates = () => useDocument.getState().document.training.rates;

test('a group is added, named, given a factor, and removed', async () => {
  const model = zooModel('lenet')!;
  showDocument(
    idOf(1),
    withModel(newDocument('LeNet'), model, { input: model.input, classes: model.classes }),
  );
  const person = draw(<LayerRates />);
  await person.click(screen.getByRole('button', { name: 'Add a group of layers' }));
  expect(rates()).toEqual([{ layers: '*', factor: 1 }]);

  const layers = screen.getByRole('textbox', { name: 'Layers of group 1' });
  await person.clear(layers);
  // Nothing is no pattern: what was there stays until there is another.
  expect(screen.getByRole('status').textContent).toMatch(/^A name or a pattern is wanted/);
  expect(rates()).toEqual([{ layers: '*', factor: 1 }]);
  await person.type(layers, 'conv*');
  const factor = screen.getByRole('textbox', { name: 'Factor of group 1' });
  await person.clear(factor);
  await person.type(factor, '0.25');
  expect(rates()).toEqual([{ layers: 'conv*', factor: 0.25 }]);
  expect(screen.queryByRole('status')).toBeNull();
  expect(screen.getByRole('img', { name: /^5 of 5 layers learn, at 1 times/ })).toBeTruthy();
  const titles = [...document.querySelectorAll('.rate-bar title')].map(title => title.textContent);
  expect(titles.slice(0, 3)).toEqual([
    'conv1: 0.25 times the rate',
    'conv2: 0.25 times the rate',
    'fc1: 1 times the rate',
  ]);

  await person.clear(factor);
  await person.type(factor, '-1');
  expect(screen.getByRole('status').textContent).toMatch(/^A factor is a number above 0/);
  await person.click(screen.getByRole('button', { name: 'Remove the rate of conv*' }));
  expect(rates()).toEqual([]);
});
