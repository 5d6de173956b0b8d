/**
 * The project document: what is drawn and how it is to be trained, as plain data. This is what files hold,
 * what the studio keeps, what undo goes back to. It holds nothing that can be derived (shapes, counts).
 *
 * A document that passes the schema may still describe a network that cannot run: inference says why.
 */
import { z } from 'zod';

/** The version of the format; docs/format.md tells its history. */
export const FORMAT_VERSION = 1;

const finite = z.number().min(-1e9).max(1e9);

/** What PyTorch takes as an attribute's name; it names the node's weights: `conv1.weight`. */
export const nodeNameSchema = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name starts with a letter and holds letters, digits and _');

const nodeIdSchema = z.string().min(1).max(64);

export const nodeSchema = z.strictObject({
  kind: z.string().min(1).max(64),
  name: nodeNameSchema,
  /** As the form left them; the kind's own schema says whether they are valid. */
  params: z.record(z.string(), z.json()),
  x: finite,
  y: finite,
});

/** From one node's output to another's input; `input` numbers the inputs of a node that takes several. */
export const edgeSchema = z.strictObject({
  source: nodeIdSchema,
  target: nodeIdSchema,
  input: z.int().min(0).max(1000),
});

export const graphSchema = z.strictObject({
  nodes: z.record(nodeIdSchema, nodeSchema),
  edges: z.array(edgeSchema),
});

export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(100_000),
  batchSize: z.int().min(1).max(65_536),
  learningRate: z.number().positive().max(1000),
  seed: z.int().min(0).max(4_294_967_295),
  optimizer: z.strictObject({ kind: z.string(), params: z.record(z.string(), z.json()) }),
  loss: z.strictObject({ kind: z.string(), params: z.record(z.string(), z.json()) }),
});

export const documentSchema = z.strictObject({
  receptive: z.literal(FORMAT_VERSION),
  name: z.string().min(1).max(200),
  graph: graphSchema,
  /** The dataset to train on, by name; null until one is chosen. */
  dataset: z.string().max(200).nullable(),
  training: trainingSchema,
});

export type NodeId = string;
export type GraphNode = z.infer<typeof nodeSchema>;
export type Edge = z.infer<typeof edgeSchema>;
export type Graph = z.infer<typeof graphSchema>;
export type Training = z.infer<typeof trainingSchema>;
export type ProjectDocument = z.infer<typeof documentSchema>;

export const defaultTraining: Training = {
  epochs: 10,
  batchSize: 64,
  learningRate: 0.02,
  seed: 1,
  optimizer: { kind: 'SGD', params: { momentum: 0.9, weightDecay: 0, nesterov: false } },
  loss: { kind: 'CrossEntropyLoss', params: {} },
};

export function newDocument(name: string, graph: Graph = { nodes: {}, edges: [] }): ProjectDocument {
  return { receptive: FORMAT_VERSION, name, graph, dataset: null, training: defaultTraining };
}

/** A document that cannot be read: what is wrong and where. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** Reads a project file's text. @throws DocumentError naming the place that is wrong */
export function parseDocument(text: string): ProjectDocument {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`This is not a project file: it is no JSON (${(error as Error).message}).`);
  }
  const version = (data as { receptive?: unknown } | null)?.receptive;
  if (typeof version !== 'number') {
    throw new DocumentError('This is not a project file: it does not say "receptive": 1.');
  }
  if (version > FORMAT_VERSION) {
    throw new DocumentError(
      `This project file has format ${version}; this version of Receptive reads up to ${FORMAT_VERSION}. Update Receptive to open it.`,
    );
  }
  const parsed = documentSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new DocumentError(
      `The project file is wrong at ${issue.path.join('.') || 'its top'}: ${issue.message}.`,
    );
  }
  return parsed.data;
}

/** A project file's text: one node a line and sorted keys, so that version control shows what changed. */
export function formatDocument(document: ProjectDocument): string {
  const { graph, ...rest } = document;
  const nodes = Object.keys(graph.nodes)
    .sort()
    .map(id => `      ${JSON.stringify(id)}: ${JSON.stringify(sortKeys(graph.nodes[id]))}`);
  const edges = graph.edges.map(edge => `      ${JSON.stringify(sortKeys(edge))}`);
  const head = Object.entries(sortKeys(rest) as Record<string, unknown>).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  const lines = (items: string[], open: string, close: string) =>
    items.length ? `${open}\n${items.join(',\n')}\n    ${close}` : open + close;
  const body = `  "graph": {\n    "edges": ${lines(edges, '[', ']')},\n    "nodes": ${lines(nodes, '{', '}')}\n  }`;
  return `{\n${[body, ...head].join(',\n')}\n}\n`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
