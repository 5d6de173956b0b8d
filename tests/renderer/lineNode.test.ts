/** A line of code leads to the node that is drawn, whichever copy of its block is open. */
import { expect, it } from 'vitest';
import { nodeOfLine } from '../../src/renderer/design/code/lineNode.ts';
import { blockGraphs } from '../oracles/blockCases.ts';

const network = blockGraphs()['blocks-resnet20']!;

it('of a class belongs to the layer in the open block, and to nothing while that is closed', () => {
  const view = (scope: string) => ({ network, scope, isApart: false });
  expect(nodeOfLine('stage1/0/conv1', view('stage3/2/'))).toBe('conv1');
  expect(nodeOfLine('stage1/0/conv1', view(''))).toBeNull();
  expect(nodeOfLine('stage1', view(''))).toBe('stage1');
  expect(nodeOfLine('fc', view('stage3/2/'))).toBeNull();
});

it('of a layer that is written out belongs to the copy that it stands in', () => {
  const view = (scope: string) => ({ network, scope, isApart: true });
  expect(nodeOfLine('stage1/0/conv1', view(''))).toBe('stage1');
  expect(nodeOfLine('stage1/0/conv1', view('stage1/0/'))).toBe('conv1');
  expect(nodeOfLine('stage1/0/conv1', view('stage1/1/'))).toBeNull();
});
