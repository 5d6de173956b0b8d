/** The settings of a project that a sweep can vary: all with a single number, text or switch. */
import type { ProjectDocument } from '../engine/graph/document.ts';
import { documentSchema } from '../engine/graph/document.ts';
import { assign } from './assignment.ts';
import type { SweepValue } from './sweepPlan.ts';

export interface SweepField {
  path: string;
  /** The project's current value. */
  value: SweepValue;
}

const isSingle = (value: unknown): value is SweepValue =>
  typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';

/** Training settings first, then layers in order. */
export function sweepFields({ training, graph }: ProjectDocument): SweepField[] {
  const { optimizer, schedule, losses, augmentations, regularisation, stopping, ...plain } = training;
  const chosen = (path: string, { kind, params }: { kind: string; params: object }): SweepField[] => [
    { path: `${path}.kind`, value: kind },
    ...singles(path, params),
  ];
  return [
    ...singles('', plain),
    ...chosen('optimizer', optimizer),
    ...chosen('schedule', schedule),
    ...singles('regularisation', regularisation),
    ...singles('stopping', stopping),
    ...losses.flatMap(({ weight, params }, i) => [
      { path: `losses.${i}.weight`, value: weight },
      ...singles(`losses.${i}.params`, params),
    ]),
    ...augmentations.flatMap(({ params }, i) => singles(`augmentations.${i}`, params)),
    ...Object.values(graph.nodes).flatMap(({ name, params }) => singles(name, params)),
  ];
}

function singles(prefix: string, values: object): SweepField[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isSingle(value) ? [{ path: prefix === '' ? key : `${prefix}.${key}`, value }] : [],
  );
}

/** Why a project cannot have a value; null where it can. */
export function sweepFault(document: ProjectDocument, path: string, value: SweepValue): string | null {
  const changed = assign(document, path, value);
  if (!changed) return `There is no setting ${path}.`;
  const parsed = documentSchema.safeParse(changed);
  if (parsed.success) return null;
  return `${value} cannot stand here: ${parsed.error.issues[0]!.message}.`;
}
