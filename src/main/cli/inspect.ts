/** `receptive inspect`: what inference finds in a project file. Exit code 2 when an error stands. */

import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../engine/graph/diagnostics/settingRules.ts';
import type { Graph, ProjectDocument } from '../../engine/graph/document.ts';
import { changeNodes } from '../../engine/graph/edits.ts';
import { infer } from '../../engine/graph/infer.ts';
import { rankFirst } from '../../engine/graph/repairs.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { type Command, print, table, text } from './command.ts';
import { parseInputShape } from './inputShape.ts';
import { readProject } from './projectFile.ts';

export const inspect: Command = {
  name: 'inspect',
  usage: 'FILE [--input CxHxW]',
  summary: 'Shapes, parameters, costs and problems of a project file.',
  options: { input: { type: 'string', value: 'CxHxW', help: 'look at it with another input shape' } },
  positionals: [1, 1],
  async run(invocation) {
    const { graph, training } = readProject(invocation.positionals[0]!);
    const shape = text(invocation, 'input');
    const inspected = shape ? withInput(graph, parseInputShape(shape)) : graph;
    const report = reportOf({ graph: inspected, training });
    print(invocation, report, () => readable(report));
    return report.diagnostics.some(({ severity }) => severity === 'error') ? 2 : 0;
  },
};

function withInput(graph: Graph, shape: readonly number[]): Graph {
  const inputs = Object.keys(graph.nodes).filter(id => layerKind(graph.nodes[id]!.kind)?.inputs === 0);
  return changeNodes(
    graph,
    inputs.map(id => [id, { params: { ...graph.nodes[id]!.params, shape: [...shape] } }]),
  );
}

function reportOf(document: Pick<ProjectDocument, 'graph' | 'training'>) {
  const { graph } = document;
  const inference = infer(graph);
  const nodes = [...inference.nodes].map(([id, { node, figures }]) => ({
    id,
    kind: node.kind,
    name: node.name,
    outputShape: figures?.shape ?? null,
    params: figures?.parameters ?? null,
    trainableParams: figures?.trainable ?? null,
    macs: figures?.macs ?? null,
    receptiveField: figures?.receptiveField ?? null,
    activationBytes: figures?.activationBytes ?? null,
  }));
  const { parameters, trainable, macs, activationBytes } = inference.totals;
  const diagnoses = [...diagnose(inference), ...diagnoseSettings(document, inference)];
  const ranked = rankFirst(graph, inference, diagnoses);
  const diagnostics = diagnoses.map(({ node, severity, code, message }, i) => {
    const repairs = (ranked[i] ?? []).map(({ repair: { title }, outputShape, deltaParams, deltaMacs }) => ({
      title,
      outputShape,
      deltaParams,
      deltaMacs,
    }));
    return { node, severity, code, message, repairs };
  });
  return {
    nodes,
    totals: { params: parameters, trainableParams: trainable, macs, activationBytes },
    diagnostics,
    /** Problems at the end of which no repairs were looked for: it would take too long. */
    withoutRepairs: diagnoses.length - ranked.length,
  };
}

function readable({ nodes, totals, diagnostics, withoutRepairs }: ReturnType<typeof reportOf>): string[] {
  const rows = nodes.map(({ name, kind, outputShape, params, macs, receptiveField }) => [
    name,
    kind,
    outputShape ? shapeText(outputShape) : '?',
    params ?? '?',
    macs ?? '?',
    receptiveField ? receptiveField.size.join('×') : '',
  ]);
  const lines = table(['name', 'kind', 'output', 'parameters', 'MACs', 'field'], rows);
  lines.push('', `${totals.params} parameters, ${totals.macs} MACs`);
  for (const { severity, message, repairs } of diagnostics) {
    lines.push(`${severity}: ${message}`);
    for (const { title } of repairs) lines.push(`  · ${title}`);
  }
  if (withoutRepairs > 0) {
    const looked = diagnostics.length - withoutRepairs;
    lines.push(
      '',
      `Repairs were worked out for the first ${looked} of ${diagnostics.length} problems: mend those and inspect again.`,
    );
  }
  return lines;
}
