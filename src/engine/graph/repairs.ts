/**
 * What a repair would bring, before it is taken: the repaired graph is inferred, and compared with the one there
 * is. Repairs are shown best first.
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
  /** Of the node concerned, or of the network's end where the node goes or none is concerned; null: unknown. */
  readonly outputShape: Shape | null;
  /** What flows into the node then. */
  readonly inputShape: Shape | null;
  /** Of the whole network. What could not be inferred before counts as nothing. */
  readonly deltaParams: number;
  readonly deltaMacs: number;
  /** Whether the diagnosis itself is gone. */
  readonly mends: boolean;
  /** Errors that stand afterwards, wherever they are. */
  readonly remaining: readonly Diagnosis[];
  /** Warnings that stand afterwards. */
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

/** Layers and edges that are looked at again, over all the repairs that are tried: about a second's worth. */
export const RANKING_BUDGET = 50_000;

/** How many repairs can be tried within a budget; one always can. Every edge is looked at, too. */
function triesWithin(budget: number, { nodes, graph }: Inference): number {
  return Math.max(1, Math.floor(budget / (nodes.size + graph.edges.length + 1)));
}

/**
 * The repairs of a diagnosis, best first: those that mend it, then those that leave the fewest errors and
 * warnings, then those that change the number of parameters least. Of a very large network only as many are tried, in
 * the order in which they are offered, as the budget lets.
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
 * The ranked repairs of as many diagnoses as the budget lets, the first ones; those after them are left out. It is what
 * a report of a whole network can hold: a person mends some of a thousand problems and looks again.
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
    // To look for repairs goes through the network, too, whether any is found or not.
    left -= Math.max(1, ranked.at(-1)!.length);
  }
  return ranked;
}

/** Whether every kind of layer that the repair adds is registered. */
function isPossible(repair: Repair): boolean {
  return kindsAdded(repair).every(kind => layerKind(kind));
}
