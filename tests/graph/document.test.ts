/** Project files: written so that a change is one line, read back exactly, and refused with a place. */
import { expect, it } from 'vitest';
import {
  DocumentError,
  formatDocument,
  newDocument,
  parseDocument,
} from '../../src/engine/graph/document.ts';
import { removeNodes, setParams } from '../../src/engine/graph/edits.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';

const document = newDocument('digits', lenet.build([1, 28, 28], 10));

it('come back as they went, and always as the same text', () => {
  const text = formatDocument(document);
  expect(parseDocument(text)).toEqual(document);
  expect(formatDocument(parseDocument(text))).toBe(text);
  expect(parseDocument(formatDocument(newDocument('empty')))).toEqual(newDocument('empty'));
});

it('of the first version still open', () => {
  const { losses: _, ...training } = document.training;
  const loss = { kind: 'CrossEntropyLoss', params: {} };
  const first = { ...document, receptive: 1, training: { ...training, loss } };
  expect(parseDocument(JSON.stringify(first))).toEqual(document);
  const slashed = JSON.stringify(first)
    .replaceAll('"conv1"', '"block/conv1"')
    .replace('"name":"block/', '"name":"');
  const { nodes, edges } = parseDocument(slashed).graph;
  expect(Object.keys(nodes)).toContain('block_conv1');
  expect(edges[0]).toMatchObject({ target: 'block_conv1' });
});

it('change by one line where one node changes', () => {
  const changed = { ...document, graph: setParams(document.graph, 'conv2', { outChannels: 17 }) };
  const [before, after] = [document, changed].map(each => formatDocument(each).split('\n'));
  expect(after!.filter((line, i) => line !== before![i])).toHaveLength(1);
});

it('have a line for each frame, comment and block', () => {
  const frames = { stem: { title: 'Stem', x: -20, y: 30, width: 244, height: 300 } };
  const comments = { why: { text: 'Two lines\nof a note.', x: 300, y: 0 } };
  const drawn = { ...document, graph: { ...document.graph, frames, comments } };
  const text = formatDocument(drawn);
  expect(text).toContain('"stem": {"height":300,"title":"Stem","width":244,"x":-20,"y":30}\n');
  expect(text).toContain('"why": {"text":"Two lines\\nof a note.","x":300,"y":0}\n');
  expect(parseDocument(text)).toEqual(drawn);
  const renamed = {
    ...drawn,
    graph: { ...drawn.graph, frames: { stem: { ...frames.stem, title: 'Head' } } },
  };
  const after = formatDocument(renamed).split('\n');
  expect(after.filter((line, i) => line !== text.split('\n')[i])).toHaveLength(1);
});

it.each([
  ['not JSON', 'nonsense', /it is no JSON/],
  ['another file', '{"a": 1}', /does not say "receptive": 2/],
  ['a later version', '{"receptive": 99}', /has format 99; this version of Receptive reads up to 2/],
  [
    'an unknown key',
    formatDocument(document).replace('"kind":"Flatten"', '"kin":"Flatten"'),
    /graph\.nodes\.flatten/,
  ],
  ['a bad number', formatDocument(document).replace('"epochs":10', '"epochs":0'), /training\.epochs/],
])('are refused when they are %s', (_, text, message) => {
  expect(() => parseDocument(text)).toThrow(DocumentError);
  expect(() => parseDocument(text)).toThrow(message);
});

it('keep a chain whole when a node goes, unless it is to break', () => {
  const { graph } = document;
  expect(removeNodes(graph, ['relu1']).edges).toContainEqual({ source: 'conv1', target: 'pool1', input: 0 });
  expect(removeNodes(graph, ['relu1'], false).edges.some(({ target }) => target === 'pool1')).toBe(false);
});

it('of twenty thousand levels are refused with a place', () => {
  const text = formatDocument(document).replace(
    '"params":{',
    `"params":{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)},`,
  );
  expect(() => parseDocument(text)).toThrow(
    /^The project file is wrong at graph\.nodes\.\S+\.params\.deep[.0]+…: .*24 deep within one another\.$/,
  );
});

it.each(['[],', '{},', '0,'])('of millions of %j are refused before they are read', part => {
  expect(() => parseDocument(`[${part.repeat(6_000_000)}0]`)).toThrow(/holds more than 3,000,000 values\.$/);
});

it('with brackets and commas in its notes, as many as there is room for, are read', () => {
  const comments = Object.fromEntries(
    Array.from({ length: 400 }, (_, i) => [`c${i}`, { text: '[{,"\\'.repeat(1600), x: 0, y: 0 }]),
  );
  const noted = { ...document, graph: { ...document.graph, comments } };
  expect(parseDocument(formatDocument(noted))).toEqual(noted);
});

it('with twenty thousand faults are refused at the first', () => {
  const nodes = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`n${i}`, 0]));
  const text = JSON.stringify({ ...document, graph: { nodes, edges: [] } });
  expect(() => parseDocument(text)).toThrow(/^The project file is wrong at graph\.nodes\.n0: /);
});
