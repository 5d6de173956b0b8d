/**
 * The project document: what is drawn and how it is to be trained, as plain data. This is what files hold,
 * what the studio keeps, what undo goes back to. It holds nothing that can be derived (shapes, counts).
 *
 * A document that passes the schema may still describe a network that cannot run: inference says why.
 */
import { z } from 'zod';
import { initialValues, schemaOf } from '../layers/fields.ts';
import { excessOf, refuseExcess } from './budget.ts';
import { json, listOf, recordOf } from './collections.ts';
import { upgrade } from './migrations.ts';
import { computingFields, regularisationFields, startFields, stoppingFields } from './trainingFields.ts';

/** The version of the format; docs/format.md tells its history, migrations.ts brings older files here. */
export const FORMAT_VERSION = 2;

const finite = z.number().min(-1e9).max(1e9);

/** What PyTorch takes as an attribute's name; it names the node's weights: `conv1.weight`. */
export const nodeNameSchema = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name starts with a letter and holds letters, digits and _');

/** A slash tells the nodes inside a block's copies apart (expand.ts), so no node has one of its own. */
export const nodeIdSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^/]+$/, 'an id holds no slash');

export const nodeSchema = z.strictObject({
  kind: z.string().min(1).max(64),
  name: nodeNameSchema,
  /** As the form left them; the kind's own schema says whether they are valid. */
  params: recordOf(z.string(), json),
  x: finite,
  y: finite,
  /** Data flows past it: it is drawn, and counts as Identity. */
  bypassed: z.literal(true).optional(),
  /** Its weights stay as they are while the others learn. */
  frozen: z.literal(true).optional(),
});

/** From one node's output to another's input; `input` numbers the inputs of a node that takes several. */
export const edgeSchema = z.strictObject({
  source: nodeIdSchema,
  target: nodeIdSchema,
  input: z.int().min(0).max(1000),
});

/** A titled rectangle behind nodes: those that lie in it move with it. */
export const frameSchema = z.strictObject({
  title: z.string().max(200),
  x: finite,
  y: finite,
  width: z.number().min(16).max(1e6),
  height: z.number().min(16).max(1e6),
});

/** A note on the canvas. */
export const commentSchema = z.strictObject({ text: z.string().max(10_000), x: finite, y: finite });

/** What one canvas shows. */
const drawingSchema = z.strictObject({
  nodes: recordOf(nodeIdSchema, nodeSchema),
  edges: listOf(edgeSchema),
  frames: recordOf(nodeIdSchema, frameSchema).optional(),
  comments: recordOf(nodeIdSchema, commentSchema).optional(),
});

/** A parameter of nodes inside a block that each copy of the block may set for itself. */
export const exposedSchema = z.strictObject({
  /** What a copy's `params` call it. */
  name: z
    .string()
    .max(64)
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name starts with a letter and holds letters, digits and _'),
  targets: listOf(z.strictObject({ node: nodeIdSchema, param: z.string().min(1).max(64) })).refine(
    targets => targets.length > 0,
    'it sets at least one parameter',
  ),
});

/** Part of a network under a name. Nodes of kind `Block` are its copies: what is changed in it changes in all. */
export const blockSchema = z.strictObject({
  name: z.string().min(1).max(64),
  graph: drawingSchema,
  exposed: listOf(exposedSchema),
});

export const graphSchema = drawingSchema.extend({
  /** By the id that copies name in their parameter `block`. */
  blocks: recordOf(nodeIdSchema, blockSchema).optional(),
});

/** What a network can be asked about an image: its class, a box around the thing, a class for every pixel. */
export const answers = ['class', 'box', 'mask'] as const;
export const answerSchema = z.enum(answers);

/** One term of what training makes small: a loss of one of the network's answers, times its weight. */
export const lossTermSchema = z.strictObject({
  answer: answerSchema,
  kind: z.string(),
  params: recordOf(z.string(), json),
  weight: z.number().positive().max(1e6),
});

/** One of several kinds, and its parameters as the form left them. */
const chosenSchema = z.strictObject({ kind: z.string(), params: recordOf(z.string(), json) });

/** Layers by a pattern of their names (namePattern.ts), and what their learning rate is multiplied by. */
const rateGroupSchema = z.strictObject({
  layers: z.string().min(1).max(200),
  factor: z.number().positive().max(1000),
});

/** A file that does not know of a setting means that it is off: hence the defaults. */
export const trainingSchema = z.strictObject({
  epochs: z.int().min(1).max(100_000),
  /** Images that one update learns from. */
  batchSize: z.int().min(1).max(65_536),
  /** Parts that a batch is computed in, one after the other: less memory, the same update. */
  accumulate: z.int().min(1).max(1024).default(1),
  learningRate: z.number().positive().max(1000),
  /** Layers that learn at another rate: the first group that means one counts, and multiplies its rate. */
  rates: z.array(rateGroupSchema).max(64).default([]),
  seed: z.int().min(0).max(4_294_967_295),
  /** The weights that it begins with, and the numbers that they want. */
  start: schemaOf(startFields).default(initialValues(startFields)),
  optimizer: chosenSchema,
  /** How the learning rate changes; `warmup` epochs long it climbs before. */
  schedule: chosenSchema.default({ kind: 'constant', params: {} }),
  warmup: z.number().min(0).max(10_000).default(0),
  regularisation: schemaOf(regularisationFields).default(initialValues(regularisationFields)),
  stopping: schemaOf(stoppingFields).default(initialValues(stoppingFields)),
  computing: schemaOf(computingFields).default(initialValues(computingFields)),
  /** Random changes of each training image, in this order. */
  augmentations: z.array(chosenSchema).max(32).default([]),
  losses: z.array(lossTermSchema).min(1).max(16),
});

/** What a schema reads, where it is no more than a document may hold (budget.ts) and means only what is there. */
export function bounded<S extends z.ZodType>(schema: S) {
  return z.unknown().superRefine(refuseExcess).pipe(schema);
}

/**
 * Refuses what names a node by a word that every JavaScript object knows (`constructor`): where no node is called so,
 * looking it up would find no node and not nothing.
 */
function refuseForeign(graph: Graph, context: z.core.$RefinementCtx): void {
  const isForeign = ({ nodes }: Drawing, id: NodeId) => !Object.hasOwn(nodes, id) && id in nodes;
  const refuse = (id: NodeId, ...path: (string | number)[]) =>
    context.addIssue({ code: 'custom', path, message: `there is no node ${id}` });
  const look = (drawing: Drawing, ...path: string[]) => {
    for (const [i, { source, target }] of drawing.edges.entries())
      for (const id of [source, target]) if (isForeign(drawing, id)) refuse(id, ...path, 'edges', i);
  };
  look(graph);
  for (const [id, { graph: drawing, exposed }] of Object.entries(graph.blocks ?? {})) {
    look(drawing, 'blocks', id, 'graph');
    for (const [i, { targets }] of exposed.entries())
      for (const { node } of targets) if (isForeign(drawing, node)) refuse(node, 'blocks', id, 'exposed', i);
  }
}

export const soundGraphSchema = graphSchema.superRefine(refuseForeign);

export const documentSchema = bounded(
  z.strictObject({
    receptive: z.literal(FORMAT_VERSION),
    name: z.string().min(1).max(200),
    graph: soundGraphSchema,
    /** The dataset to train on, by name; null until one is chosen. */
    dataset: z.string().max(200).nullable(),
    training: trainingSchema,
  }),
);

export type NodeId = string;
export type GraphNode = z.infer<typeof nodeSchema>;
export type Edge = z.infer<typeof edgeSchema>;
export type Frame = z.infer<typeof frameSchema>;
export type Comment = z.infer<typeof commentSchema>;
export type Drawing = z.infer<typeof drawingSchema>;
export type Exposed = z.infer<typeof exposedSchema>;
export type Block = z.infer<typeof blockSchema>;
export type BlockId = string;
export type Graph = z.infer<typeof graphSchema>;
export type Answer = z.infer<typeof answerSchema>;
export type LossTerm = z.infer<typeof lossTermSchema>;
export type Training = z.infer<typeof trainingSchema>;
export type ProjectDocument = z.infer<typeof documentSchema>;

export const defaultTraining: Training = trainingSchema.parse({
  epochs: 10,
  batchSize: 64,
  learningRate: 0.02,
  seed: 1,
  optimizer: { kind: 'SGD', params: { momentum: 0.9, weightDecay: 0, nesterov: false } },
  losses: [{ answer: 'class', kind: 'CrossEntropyLoss', params: {}, weight: 1 }],
});

export function newDocument(name: string, graph: Graph = { nodes: {}, edges: [] }): ProjectDocument {
  return { receptive: FORMAT_VERSION, name, graph, dataset: null, training: defaultTraining };
}

/** A document that cannot be read: what is wrong and where. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
}

/** A hundred thousand layers have half as many. What is only short in a file can fill the memory when it is read. */
const MOST_VALUES = 3_000_000;

/** How many lists, records and further items of them a text of JSON has, without reading it. */
function valuesIn(text: string): number {
  let values = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '[' || character === '{' || character === ',')) values++;
  }
  return values;
}

/** Reads a project file's text. @throws DocumentError naming the place that is wrong */
export function parseDocument(text: string): ProjectDocument {
  if (valuesIn(text) > MOST_VALUES)
    throw new DocumentError(
      `This is not a project file: it holds more than ${MOST_VALUES.toLocaleString('en')} values.`,
    );
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new DocumentError(`This is not a project file: it is no JSON (${(error as Error).message}).`);
  }
  const version = (data as { receptive?: unknown } | null)?.receptive;
  if (typeof version !== 'number') {
    throw new DocumentError(`This is not a project file: it does not say "receptive": ${FORMAT_VERSION}.`);
  }
  if (version > FORMAT_VERSION) {
    throw new DocumentError(
      `This project file has format ${version}; this version of Receptive reads up to ${FORMAT_VERSION}. Update Receptive to open it.`,
    );
  }
  const excess = excessOf(data);
  if (excess) throw wrongAt(excess.path, excess.message);
  const parsed = documentSchema.safeParse(upgrade(data, version));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw wrongAt(issue.path, issue.message);
}

/** What a file says may stand in the error, and a sentence has an end. */
const LONGEST_PART = 64;
const LONGEST_MESSAGE = 300;

const MOST_PARTS = 12;

export function placeText(path: readonly PropertyKey[]): string {
  const shown = path.slice(0, MOST_PARTS).map(part => String(part).slice(0, LONGEST_PART));
  return path.length > MOST_PARTS ? `${shown.join('.')}…` : shown.join('.');
}

function wrongAt(path: readonly PropertyKey[], message: string): DocumentError {
  const said = message.slice(0, LONGEST_MESSAGE);
  return new DocumentError(`The project file is wrong at ${placeText(path) || 'its top'}: ${said}.`);
}

/** A project file's text: one node a line and sorted keys, so that version control shows what changed. */
export function formatDocument(document: ProjectDocument): string {
  const { graph, ...rest } = document;
  const head = Object.entries(sortKeys(rest) as Record<string, unknown>).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{\n${[`  "graph": ${formatGraph(graph, '  ')}`, ...head].join(',\n')}\n}\n`;
}

/** Items one a line, in braces or brackets that stand at `indent`. */
function lines(items: readonly string[], brackets: '{}' | '[]', indent: string): string {
  const [open, close] = brackets;
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.map(item => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

/** A drawing or a graph as text, its lines indented: one node, edge, frame, comment a line. */
export function formatGraph({ blocks, edges, ...records }: Graph, indent: string): string {
  const inner = `${indent}  `;
  const entries = (record: object, text: (value: never) => string) =>
    lines(
      Object.keys(record)
        .sort()
        .map(id => `${JSON.stringify(id)}: ${text(record[id as never])}`),
      '{}',
      inner,
    );
  const line = (value: unknown) => JSON.stringify(sortKeys(value));
  const parts = {
    ...(blocks && { blocks: entries(blocks, (block: Block) => formatBlock(block, `${inner}  `)) }),
    edges: lines(edges.map(line), '[]', inner),
    ...Object.fromEntries(Object.entries(records).map(([key, record]) => [key, entries(record ?? {}, line)])),
  };
  return lines(
    Object.entries(parts)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, text]) => `${JSON.stringify(key)}: ${text}`),
    '{}',
    indent,
  );
}

function formatBlock({ name, exposed, graph }: Block, indent: string): string {
  const items = [
    `"exposed": ${JSON.stringify(sortKeys(exposed))}`,
    `"graph": ${formatGraph(graph, `${indent}  `)}`,
    `"name": ${JSON.stringify(name)}`,
  ];
  return lines(items, '{}', indent);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
