/**
 * The effect of repairs before they are applied: the repaired graph is inferred and compared with the present one.
 * Repairs are shown best first.
 */
import { layerKind } from '../layers/registry.ts';
import { kindsAdded, type Repair } from '../layers/repair.ts';
import type { Shape } from '../layers/shape.ts';
import { applyRepair } from './applyRepair.ts';
import type { Diagnosis } from './diagnosis.ts';
import { diagnose } from './diagnostics/diagnose.ts';
import type { Graph } from './document.ts';
import { infer } from './infer.ts';
import type { Inference } from './inference.ts';

export interface RepairPreview {
  readonly repair: Repair;
  /** Of the node concerned; of the network's output where the node is removed or none is concerned; null: unknown. */
  readonly outputShape: Shape | null;
  /** The node's input shape after the repair. */
  readonly inputShape: Shape | null;
  /** Of the whole network. What could not be inferred before counts as zero. */
  readonly deltaParams: number;
  readonly deltaMacs: number;
  /** Whether the diagnosis is gone. */
  readonly mends: boolean;
  /** The errors that remain anywhere. */
  readonly remaining: readonly Diagnosis[];
  /** The number of warnings that remain. */
  readonly warnings: number;
}

export function previewRepair(
  graph: Graph,
  inference: Inference,
  diagnosis: Diagnosis,
  repair: Repair,
): RepairPreview {
  const mended = infer(applyRepair(graph, diagnosis.node, repair), inference);
  const node = diagnosis.node === null ? undefined : mended.nodes.get(diagnosis.node);
  const shown = node ?? mended.nodes.get(mended.outputs.at(-1) ?? '');
  const isSame = ({ code, node }: Diagnosis) => code === diagnosis.code && node === diagnosis.node;
  const diagnoses = diagnose(mended);
  const remaining = diagnoses.filter(({ severity }) => severity === 'error');
  return {
    repair,
    outputShape: shown?.figures?.shape ?? null,
    inputShape: shown?.figures?.inputs[0] ?? null,
    deltaParams: mended.totals.parameters - inference.totals.parameters,
    deltaMacs: mended.totals.macs - inference.totals.macs,
    mends: !diagnoses.some(isSame),
    remaining,
    warnings: diagnoses.length - remaining.length,
  };
}

/** The most layers and edges inferred again, over all repairs that are tried: about a second. */
export const RANKING_BUDGET = 50_000;

/** How many repairs can be tried within a budget, at least one. Every try also walks all edges. */
function triesWithin(budget: number, { nodes, graph }: Inference): number {
  return Math.max(1, Math.floor(budget / (nodes.size + graph.edges.length + 1)));
}

/**
 * The repairs of a diagnosis, best first: those that fix it, then by remaining errors and warnings, then by change in
 * the number of parameters. For very large networks only the first ones within the budget are tried.
 */
export function rankRepairs(
  graph: Graph,
  inference: Inference,
  diagnosis: Diagnosis,
  budget = RANKING_BUDGET,
): readonly RepairPreview[] {
  return diagnosis.repairs
    .filter(isPossible)
    .slice(0, triesWithin(budget, inference))
    .map(repair => previewRepair(graph, inference, diagnosis, repair))
    .sort(
      (a, b) =>
        Number(b.mends) - Number(a.mends) ||
        a.remaining.length - b.remaining.length ||
        a.warnings - b.warnings ||
        Math.abs(a.deltaParams) - Math.abs(b.deltaParams),
    );
}

/**
 * The ranked repairs of the first diagnoses, as many as the budget allows. Enough for a report: users fix some of a
 * thousand problems and look again.
 */
export function rankFirst(
  graph: Graph,
  inference: Inference,
  diagnoses: readonly Diagnosis[],
  budget = RANKING_BUDGET,
): readonly (readonly RepairPreview[])[] {
  let left = triesWithin(budget, inference);
  const ranked: (readonly RepairPreview[])[] = [];
  for (const diagnosis of diagnoses) {
    if (left <= 0) break;
    ranked.push(rankRepairs(graph, inference, diagnosis, budget));
    // Computing the repairs walks the network, too, whether there are any or not.
    left -= Math.max(1, ranked.at(-1)!.length);
  }
  return ranked;
}

/** Whether every kind that the repair adds is registered. */
function isPossible(repair: Repair): boolean {
  return kindsAdded(repair).every(kind => layerKind(kind));
}
