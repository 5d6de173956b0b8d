/** Where things come to lie: aligned, spread evenly, in straight chains, snapped to what is near. */
import { describe, expect, it } from 'vitest';
import { align, distribute, snap, straighten } from '../../src/engine/graph/arrange.ts';
import { addFrame, addFrameAround, frameAround } from '../../src/engine/graph/canvasFrames.ts';
import { itemsInside, NO_ITEMS, rectsOf, withContents } from '../../src/engine/graph/canvasItems.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { nodeRect, overlaps, type Rect } from '../../src/engine/graph/rect.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';

const rect = (x: number, y: number, width = 100, height = 40): Rect => ({ x, y, width, height });

describe('aligning', () => {
  const rects = { a: rect(0, 0), b: rect(50, 100, 200), c: rect(-30, 210, 60) };
  it.each([
    ['left', { a: -30, b: -30, c: -30 }],
    ['right', { a: 150, b: 50, c: 190 }],
    ['centre', { a: 60, b: 10, c: 80 }],
  ] as const)('%s moves along x alone', (side, expected) => {
    const places = align(rects, side);
    for (const id of ['a', 'b', 'c'] as const)
      expect(places[id]).toEqual({ x: expected[id], y: rects[id].y });
  });
  it('to the middle of all, along y alone', () => {
    expect(align(rects, 'middle')).toEqual({
      a: { x: 0, y: 105 },
      b: { x: 50, y: 105 },
      c: { x: -30, y: 105 },
    });
  });
});

it('spreads things so that the gaps are equal, and leaves the outer ones', () => {
  const places = distribute({ a: rect(0, 0), b: rect(5, 50, 100, 60), c: rect(0, 300) }, 'y');
  expect(places).toEqual({ a: { x: 0, y: 0 }, b: { x: 5, y: 140 }, c: { x: 0, y: 300 } });
  expect(distribute({ a: rect(0, 0), b: rect(5, 50) }, 'y')).toEqual({});
});

describe('straightening', () => {
  const node = (name: string, kind: string, x: number, y: number) => ({ kind, name, params: {}, x, y });
  const edge = (source: string, target: string, input = 0) => ({ source, target, input });
  const graph: Graph = {
    nodes: {
      input: node('input', 'Input', 0, 0),
      conv: node('conv', 'Conv2d', 13, 82),
      relu: node('relu', 'ReLU', -9, 164),
      add: node('add', 'Add', 40, 246),
    },
    edges: [edge('input', 'conv'), edge('conv', 'relu'), edge('input', 'add'), edge('relu', 'add', 1)],
  };
  it('puts a chain under its head, and a merge under the branch that is longer', () => {
    const xs = Object.values(straighten(graph, Object.keys(graph.nodes))).map(({ x }) => x);
    expect(xs).toEqual([0, 0, 0]);
  });
  it('puts one node alone under what feeds it', () => {
    expect(straighten(graph, ['relu'])).toEqual({ relu: { x: 13, y: 164 } });
  });
});

describe('snapping', () => {
  const reach = { pull: 6, grid: 10 };
  it('pulls into line with what is near, and shows the line', () => {
    const snapped = snap(rect(4, 133), [rect(0, 0), rect(500, 500)], reach);
    expect(snapped).toEqual({
      dx: -4,
      dy: -3,
      guides: [{ axis: 'x', at: 50, from: 0, to: 170 }],
    });
  });
  it('goes to the grid where nothing is near', () => {
    expect(snap(rect(304, 133), [rect(0, 0)], reach)).toEqual({ dx: -4, dy: -3, guides: [] });
  });
});

it('draws a frame around nodes with room for its title, and knows what lies in it', () => {
  const graph = lenet.build([1, 28, 28], 10);
  const nodes = ['conv1', 'relu1'];
  const frame = frameAround(rectsOf(graph, { ...NO_ITEMS, nodes }), { x: 0, y: 0 }, 'stem');
  const framed = addFrame(graph, frame);
  expect(itemsInside(framed.graph, frame)).toEqual({ ...NO_ITEMS, nodes });
  const items = withContents(framed.graph, { ...NO_ITEMS, frames: [framed.id] });
  expect(items).toEqual({ nodes, frames: [framed.id], comments: [] });
  const { x, y, width } = nodeRect(graph.nodes.conv1!);
  expect([frame.x < x, frame.y < y - 20, frame.x + frame.width > x + width]).toEqual([true, true, true]);
});

it('makes room for a frame, above it and below', () => {
  const graph = lenet.build([1, 28, 28], 10);
  const items = { ...NO_ITEMS, nodes: ['conv2', 'relu2'] };
  const framed = addFrameAround(graph, items, { x: 0, y: 0 });
  const frame = framed.graph.frames![framed.id]!;
  expect(itemsInside(framed.graph, frame)).toEqual(items);
  const others = Object.keys(graph.nodes).filter(id => !items.nodes.includes(id));
  for (const id of others) expect(overlaps(frame, nodeRect(framed.graph.nodes[id]!)), id).toBe(false);
  expect(framed.graph.nodes.pool1).toBe(graph.nodes.pool1);
});
