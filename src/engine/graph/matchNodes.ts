/**
 * Which node of one drawing is which of another. By identity first, for two states of one project share their ids;
 * then, among the rest, by structure: kind and name, then kind and what surrounds them.
 */
import type { Drawing, GraphNode, NodeId } from './document.ts';

/** @returns ids of the second drawing by those of the first */
export function matchNodes(before: Drawing, after: Drawing): Map<NodeId, NodeId> {
  return new Matching(before, after).run();
}

type Side = 'above' | 'below';

const SIDES: readonly Side[] = ['above', 'below'];

/** What surrounds the nodes of a drawing, and in which order they stand. */
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
  /** Nodes next to one that was matched since they were last looked at: no other can have found a match. */
  readonly #news = { both: new Set<NodeId>(), one: new Set<NodeId>() };

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
    // The same node under another kind: what its place and name say it is.
    for (const id of Object.keys(old)) {
      if (!this.#matches.has(id) && Object.hasOwn(fresh, id) && !this.#taken.has(id)) this.#match(id, id);
    }
    this.#matchBy(
      ({ name }) => name,
      (from, to) => SIDES.some(side => this.#meets(from, to, side)),
    );
    return this.#matches;
  }

  #match(from: NodeId, to: NodeId): void {
    this.#matches.set(from, to);
    this.#taken.add(to);
    for (const side of SIDES)
      for (const next of this.#before.of(from, side)) {
        this.#news.both.add(next);
        this.#news.one.add(next);
      }
  }

  /** Matches nodes of one key, the first with the first that fits. */
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

  /** Each round can tell the next node by the ones just matched; by one side alone only where both tell none. */
  #matchBySurroundings(): void {
    const { both, one } = this.#news;
    while (both.size + one.size > 0) {
      const [news, wanted] = both.size > 0 ? [both, SIDES.length] : [one, 1];
      const round = [...news].filter(id => id in this.#before.nodes && !this.#matches.has(id));
      news.clear();
      const places = this.#before.places;
      for (const from of round.sort((a, b) => places.get(a)! - places.get(b)!)) {
        const to = this.#likeIt(from, wanted);
        if (to !== undefined) this.#match(from, to);
      }
    }
  }

  /** The first free node of the same kind that meets a node on so many sides. */
  #likeIt(from: NodeId, wanted: number): NodeId | undefined {
    const { kind } = this.#before.nodes[from]!;
    let [found, first] = [undefined as NodeId | undefined, Number.POSITIVE_INFINITY];
    // What meets it on both sides meets it above.
    for (const side of wanted === 1 ? SIDES : SIDES.slice(0, 1)) {
      const other = side === 'above' ? 'below' : 'above';
      for (const neighbour of this.#before.of(from, side)) {
        const image = this.#matches.get(neighbour);
        if (image === undefined) continue;
        for (const to of this.#after.of(image, other)) {
          const place = this.#after.places.get(to) ?? Number.POSITIVE_INFINITY;
          if (place >= first || this.#taken.has(to) || this.#after.nodes[to]!.kind !== kind) continue;
          if (wanted === 1 || this.#meets(from, to, other)) [found, first] = [to, place];
        }
      }
    }
    return found;
  }

  /** Whether two nodes have matched neighbours on a side. */
  #meets(from: NodeId, to: NodeId, side: Side): boolean {
    const theirs = this.#after.of(to, side);
    for (const neighbour of this.#before.of(from, side)) {
      const image = this.#matches.get(neighbour);
      if (image !== undefined && theirs.has(image)) return true;
    }
    return false;
  }
}
