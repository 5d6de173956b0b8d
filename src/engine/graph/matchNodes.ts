/**
 * Matches the nodes of two drawings: first by id, as two states of one project share ids; then by kind and name; then
 * by kind and neighbours.
 */
import type { Drawing, GraphNode, NodeId } from './document.ts';

/** @returns ids of the second drawing by those of the first */
export function matchNodes(before: Drawing, after: Drawing): Map<NodeId, NodeId> {
  return new Matching(before, after).run();
}

type Side = 'above' | 'below';

const SIDES: readonly Side[] = ['above', 'below'];

/** The neighbours and the order of a drawing's nodes. */
class Surroundings {
  readonly nodes: Drawing['nodes'];
  readonly places: ReadonlyMap<NodeId, number>;
  readonly #above = new Map<NodeId, Set<NodeId>>();
  readonly #below = new Map<NodeId, Set<NodeId>>();

  constructor({ nodes, edges }: Drawing) {
    this.nodes = nodes;
    this.places = new Map(Object.keys(nodes).map((id, place) => [id, place]));
    for (const { source, target } of edges) {
      put(this.#below, source, target);
      put(this.#above, target, source);
    }
  }

  of(id: NodeId, side: Side): ReadonlySet<NodeId> {
    return (side === 'above' ? this.#above : this.#below).get(id) ?? NONE;
  }
}

const NONE: ReadonlySet<NodeId> = new Set();

function put(map: Map<NodeId, Set<NodeId>>, id: NodeId, other: NodeId): void {
  const known = map.get(id);
  if (known) known.add(other);
  else map.set(id, new Set([other]));
}

class Matching {
  readonly #before: Surroundings;
  readonly #after: Surroundings;
  readonly #matches = new Map<NodeId, NodeId>();
  readonly #taken = new Set<NodeId>();
  /** Unmatched nodes with a neighbour that was matched since they were last tried; only they can have a new match. */
  readonly #changedNeighbours = { both: new Set<NodeId>(), one: new Set<NodeId>() };

  constructor(before: Drawing, after: Drawing) {
    this.#before = new Surroundings(before);
    this.#after = new Surroundings(after);
  }

  run(): Map<NodeId, NodeId> {
    const { nodes: old } = this.#before;
    const { nodes: fresh } = this.#after;
    for (const [id, node] of Object.entries(old)) {
      if (Object.hasOwn(fresh, id) && fresh[id]!.kind === node.kind) this.#match(id, id);
    }
    this.#matchBy(
      ({ kind, name }) => `${kind}\n${name}`,
      () => true,
    );
    this.#matchBySurroundings();
    // A node whose kind was changed: recognised by name and neighbours.
    for (const id of Object.keys(old)) {
      if (!this.#matches.has(id) && Object.hasOwn(fresh, id) && !this.#taken.has(id)) this.#match(id, id);
    }
    this.#matchBy(
      ({ name }) => name,
      (from, to) => SIDES.some(side => this.#hasMatchedNeighbours(from, to, side)),
    );
    return this.#matches;
  }

  #match(from: NodeId, to: NodeId): void {
    this.#matches.set(from, to);
    this.#taken.add(to);
    for (const side of SIDES)
      for (const next of this.#before.of(from, side)) {
        this.#changedNeighbours.both.add(next);
        this.#changedNeighbours.one.add(next);
      }
  }

  /** Matches nodes with equal keys, in order, where they fit. */
  #matchBy(keyOf: (node: GraphNode) => string, fits: (from: NodeId, to: NodeId) => boolean): void {
    const free = Object.entries(this.#after.nodes).filter(([id]) => !this.#taken.has(id));
    const byKey = Map.groupBy(free, ([, node]) => keyOf(node));
    for (const [from, node] of Object.entries(this.#before.nodes)) {
      if (this.#matches.has(from)) continue;
      const alike = byKey.get(keyOf(node)) ?? [];
      const found = alike.findIndex(([to]) => fits(from, to));
      if (found < 0) continue;
      this.#match(from, alike[found]![0]);
      alike.splice(found, 1);
    }
  }

  /**
   * Repeats until nothing changes, as each match may determine its neighbours'; by one side only where both sides
   * determine none.
   */
  #matchBySurroundings(): void {
    const { both, one } = this.#changedNeighbours;
    while (both.size + one.size > 0) {
      const [news, wanted] = both.size > 0 ? [both, SIDES.length] : [one, 1];
      const round = [...news].filter(id => id in this.#before.nodes && !this.#matches.has(id));
      news.clear();
      const places = this.#before.places;
      for (const from of round.sort((a, b) => places.get(a)! - places.get(b)!)) {
        const to = this.#findMatch(from, wanted);
        if (to !== undefined) this.#match(from, to);
      }
    }
  }

  /** The first unmatched node of the same kind with matched neighbours on this many sides. */
  #findMatch(from: NodeId, wanted: number): NodeId | undefined {
    const { kind } = this.#before.nodes[from]!;
    let [found, first] = [undefined as NodeId | undefined, Number.POSITIVE_INFINITY];
    // A match on both sides includes the side above.
    for (const side of wanted === 1 ? SIDES : SIDES.slice(0, 1)) {
      const other = side === 'above' ? 'below' : 'above';
      for (const neighbour of this.#before.of(from, side)) {
        const image = this.#matches.get(neighbour);
        if (image === undefined) continue;
        for (const to of this.#after.of(image, other)) {
          const place = this.#after.places.get(to) ?? Number.POSITIVE_INFINITY;
          if (place >= first || this.#taken.has(to) || this.#after.nodes[to]!.kind !== kind) continue;
          if (wanted === 1 || this.#hasMatchedNeighbours(from, to, other)) [found, first] = [to, place];
        }
      }
    }
    return found;
  }

  /** Whether two nodes have neighbours on a side that are matched to each other. */
  #hasMatchedNeighbours(from: NodeId, to: NodeId, side: Side): boolean {
    const theirs = this.#after.of(to, side);
    for (const neighbour of this.#before.of(from, side)) {
      const image = this.#matches.get(neighbour);
      if (image !== undefined && theirs.has(image)) return true;
    }
    return false;
  }
}
