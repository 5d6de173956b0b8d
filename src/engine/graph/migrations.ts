/**
 * Upgrades older project files, one step per version. A step works on unvalidated data: it changes what has the
 * expected form and leaves the rest for the schema to refuse.
 */

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By the file's version, from 1 on. */
const steps: Readonly<Record<number, (document: Data) => Data>> = { 1: oneLossBecomesTerms };

/** Upgrades a parsed project file from this version to the current one. */
export function upgrade(data: unknown, version: number): unknown {
  let document = data;
  for (let from = version; isData(document); from++) {
    const step = steps[from];
    if (!step) break;
    document = { ...step(document), receptive: from + 1 };
  }
  return document;
}

/** To version 2: a list of losses by answer; ids without slashes. */
function oneLossBecomesTerms(document: Data): Data {
  const { graph, training } = document;
  if (!isData(training) || !isData(training.loss)) return document;
  const { loss, ...rest } = training;
  const losses = [{ answer: 'class', ...(loss as Data), weight: 1 }];
  return { ...document, graph: withoutSlashes(graph), training: { ...rest, losses } };
}

function withoutSlashes(graph: unknown): unknown {
  if (!isData(graph) || !isData(graph.nodes) || !Array.isArray(graph.edges)) return graph;
  const taken = new Set(Object.keys(graph.nodes));
  if (![...taken].some(id => id.includes('/'))) return graph;
  const renamed = new Map<unknown, string>();
  for (const id of [...taken].filter(id => id.includes('/'))) {
    let free = id.replaceAll('/', '_');
    while (taken.has(free)) free += '_';
    taken.add(free);
    renamed.set(id, free);
  }
  const nodes = Object.entries(graph.nodes).map(([id, node]) => [renamed.get(id) ?? id, node]);
  const edges = graph.edges.map(edge => {
    if (!isData(edge)) return edge;
    const { source, target } = edge;
    return { ...edge, source: renamed.get(source) ?? source, target: renamed.get(target) ?? target };
  });
  return { ...graph, nodes: Object.fromEntries(nodes), edges };
}
