/**
 * What a repair would bring, before it is taken: the repaired graph is inferred, and compared with the one there
 * is. Repairs are shown best first.
 */
import { layerKind } from '../layers/registry.ts';
import { kindsAdded, type Repair } from '../layers/repair.ts';
import type { Shape } from '../layers/shape.ts';
import { applyRepair } from './applyRepair.ts';
import type { Graph } from './document.ts';
import { type Diagnosis, type Inference, infer } from './infer.ts';

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
  const remaining = mended.diagnoses.filter(({ severity }) => severity === 'error');
  return {
    repair,
    outputShape: shown?.figures?.shape ?? null,
    inputShape: shown?.figures?.inputs[0] ?? null,
    deltaParams: mended.totals.parameters - inference.totals.parameters,
    deltaMacs: mended.totals.macs - inference.totals.macs,
    mends: !mended.diagnoses.some(isSame),
    remaining,
    warnings: mended.diagnoses.length - remaining.length,
  };
}

/**
 * All repairs of a diagnosis, best first: those that mend it, then those that leave the fewest errors and
 * warnings, then those that change the number of parameters least.
 */
export function rankRepairs(
  graph: Graph,
  inference: Inference,
  diagnosis: Diagnosis,
): readonly RepairPreview[] {
  return diagnosis.repairs
    .filter(isPossible)
    .map(repair => previewRepair(graph, inference, diagnosis, repair))
    .sort(
      (a, b) =>
        Number(b.mends) - Number(a.mends) ||
        a.remaining.length - b.remaining.length ||
        a.warnings - b.warnings ||
        Math.abs(a.deltaParams) - Math.abs(b.deltaParams),
    );
}

/** Whether every kind of layer that the repair adds is registered. */
export function isPossible(repair: Repair): boolean {
  return kindsAdded(repair).every(kind => layerKind(kind));
}
