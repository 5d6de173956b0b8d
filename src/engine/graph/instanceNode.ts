/** The layers that the nodes of a block become in its copies. */
import type { GraphNode } from './document.ts';

/**
 * Nodes by drawn node, then by name and settings: identical ones are the same object, so that inference sees no change.
 */
const instances = new WeakMap<GraphNode, Map<string, GraphNode>>();
const MOST_KEPT = 4096;

export function instance(
  drawn: GraphNode,
  name: string,
  overrides: object | null,
  frozen: GraphNode['frozen'],
): GraphNode {
  if (name === drawn.name && !overrides && !frozen) return drawn;
  const known = instances.get(drawn) ?? new Map<string, GraphNode>();
  instances.set(drawn, known);
  const key = [name, ...(frozen ? ['frozen'] : []), ...(overrides ? [JSON.stringify(overrides)] : [])].join(
    ' ',
  );
  const before = known.get(key);
  if (before) return before;
  if (known.size >= MOST_KEPT) known.clear();
  const params = overrides ? { ...drawn.params, ...overrides } : drawn.params;
  const node = { ...drawn, name, params, ...(frozen && { frozen }) };
  known.set(key, node);
  return node;
}
