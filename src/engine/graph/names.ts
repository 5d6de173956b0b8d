/** Names of nodes: what their weights are called in PyTorch, so what an attribute of a module can be called. */
import { type Graph, type NodeId, nodeNameSchema } from './document.ts';

/** Why a node cannot have this name, in plain words; undefined where it can. */
export function refusesName({ nodes }: Pick<Graph, 'nodes'>, id: NodeId, name: string): string | undefined {
  if (!nodeNameSchema.safeParse(name).success) {
    return name.length > 64 ? 'At most 64 characters.' : 'A letter first, then letters, digits and _.';
  }
  const taken = Object.entries(nodes).some(([other, node]) => other !== id && node.name === name);
  return taken ? `Another layer is called ${name}.` : undefined;
}
