/**
 * Figures of a node's training in one step: gradient norm, relative size of the update, share of dead units. The
 * program `watch` measures partial sums, which are put together here.
 */
import type { ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import type { Session } from './session.ts';
import type { UnitHealth, WeightHealth } from './trainerMessages.ts';

/** How the nodes of a network fare, whenever it was watched. */
export class Health {
  readonly #session: Session;
  readonly #document: ProjectDocument;
  /** What layers are called, those in blocks too, by their ids; asked for when a step is first looked at. */
  #names: ReadonlyMap<string, string> | undefined;
  readonly #known = new Map<string, number>();

  constructor(session: Session, document: ProjectDocument) {
    this.#session = session;
    this.#document = document;
  }

  /** Whether it was looked at before: then features need not be computed for it. */
  get isKnown(): boolean {
    return this.#names !== undefined;
  }

  /** After a run of `watch`. */
  look(): (WeightHealth | UnitHealth)[] {
    const names = this.#names ?? namesOf(this.#document);
    this.#names = names;
    const dead = deadUnits(this.#session, id => names.get(id) ?? id, this.#known);
    return [...healthOf(this.#session), ...dead];
  }
}

function namesOf({ graph }: ProjectDocument): ReadonlyMap<string, string> {
  return new Map([...infer(graph).nodes].map(([id, { node }]) => [id, node.name]));
}

/** After a run of `watch`. */
export function healthOf(session: Session): WeightHealth[] {
  const nodes = new Map<string, [gradient: number, weight: number, moved: number]>();
  for (const { name, squares } of session.model.parameters) {
    if (!squares) continue;
    const node = name.slice(0, name.lastIndexOf('.'));
    const sums = nodes.get(node) ?? [0, 0, 0];
    for (const [i, square] of session.doubles(squares).entries()) sums[i % 3]! += square;
    nodes.set(node, sums);
  }
  return [...nodes].map(([node, [gradient, weight, moved]]) => ({
    node,
    gradientNorm: Math.sqrt(gradient),
    weightNorm: Math.sqrt(weight),
    updateRatio: weight > 0 ? Math.sqrt(moved / weight) : 0,
  }));
}

/**
 * Which share of the channels was above zero nowhere in the batch that `watch` ran on last.
 * @param known of layers whose outputs are features, which are seldom computed: what was found first, kept here by node
 */
export function deadUnits(
  session: Session,
  nameOf: (node: string) => string,
  known = new Map<string, number>(),
): UnitHealth[] {
  return session.model.activity.map(({ node, active, isBefore }) => {
    const shares = session.reals(active);
    const found = shares.filter(share => share === 0).length / shares.length;
    const dead = (isBefore ? known.get(node) : undefined) ?? found;
    known.set(node, dead);
    return { node: nameOf(node), dead };
  });
}
