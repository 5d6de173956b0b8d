/**
 * How long inference takes: whole networks, and one edit in them. `node tests/bench/infer.ts`; medians in
 * milliseconds. The edit changes a convolution's filters, so that shapes behind it change too.
 */
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';

const REPEATS = 60;

function median(work: (repeat: number) => void): number {
  const times = Array.from({ length: REPEATS }, (_, repeat) => {
    const start = performance.now();
    work(repeat);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[REPEATS / 2]!;
}

function longChain(): Graph {
  const links = Array.from(
    { length: 999 },
    (_, i): ChainLink => (i % 2 === 0 ? ['Conv2d', `n${i + 1}`, { outChannels: 8 }] : ['ReLU', `n${i + 1}`]),
  );
  return chain([['Input', 'n0', { shape: [8, 64, 64] }], ...links]);
}

function report(name: string, graph: Graph): void {
  const convolutions = Object.keys(graph.nodes).filter(id => graph.nodes[id]!.kind === 'Conv2d');
  const middle = convolutions[Math.floor(convolutions.length / 2)]!;
  let inference = infer(graph);
  const full = median(() => void infer(graph));
  const edit = median(repeat => {
    inference = infer(setParams(graph, middle, { outChannels: 8 + (repeat % 2) }), inference);
  });
  const named = median(() => void diagnose(infer(graph))) - full;
  const row = { name, nodes: Object.keys(graph.nodes).length, full, edit, diagnoses: named };
  console.log(
    JSON.stringify(row, (_, value) => (typeof value === 'number' ? Number(value.toFixed(3)) : value)),
  );
}

report('ResNet-50', zooModel('resnet50')!.build([3, 224, 224], 1000));
report('chain of 1,000', longChain());
