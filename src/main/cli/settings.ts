/** Settings that the command line changes in a project before it trains: the known ones, and `--set`. */
import { documentSchema, type ProjectDocument } from '../../engine/graph/document.ts';
import { setParams } from '../../engine/graph/edits.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import { optimizerKind, optimizerKinds } from '../../engine/optimizers/registry.ts';
import { type Invocation, number, type Options, text, UsageError, wholeNumber } from './command.ts';

export const settingOptions = {
  epochs: { type: 'string', value: 'N', help: 'how often each image is seen' },
  batch: { type: 'string', value: 'N', help: 'images per step' },
  lr: { type: 'string', value: 'X', help: 'learning rate' },
  optimizer: {
    type: 'string',
    value: 'NAME',
    help: optimizerKinds()
      .map(kind => kind.kind)
      .join(', '),
  },
  seed: { type: 'string', value: 'S', help: 'where the random numbers begin' },
  set: {
    type: 'string',
    multiple: true,
    value: 'PATH=VALUE',
    help: 'any other: optimizer.momentum=0.9, conv1.outChannels=64',
  },
} as const satisfies Options;

/** The document with the settings that were given. @throws UsageError naming the one that is wrong */
export function withSettings(document: ProjectDocument, invocation: Invocation): ProjectDocument {
  const { training } = document;
  const changed: ProjectDocument = {
    ...document,
    training: {
      ...training,
      epochs: wholeNumber(invocation, 'epochs', 1) ?? training.epochs,
      batchSize: wholeNumber(invocation, 'batch', 1) ?? training.batchSize,
      learningRate: number(invocation, 'lr', 0) ?? training.learningRate,
      seed: wholeNumber(invocation, 'seed', 0) ?? training.seed,
      optimizer: optimizerOf(training.optimizer, text(invocation, 'optimizer')),
    },
  };
  const given = invocation.values.set;
  const set = (Array.isArray(given) ? given : [])
    .filter(item => typeof item === 'string')
    .reduce(applySet, changed);
  const parsed = documentSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError(`${path.join('.')}: ${message}.`);
}

function optimizerOf(
  current: ProjectDocument['training']['optimizer'],
  name: string | undefined,
): ProjectDocument['training']['optimizer'] {
  if (name === undefined || name.toLowerCase() === current.kind.toLowerCase()) return current;
  const found = optimizerKinds().find(kind => kind.kind.toLowerCase() === name.toLowerCase());
  const kind = found && optimizerKind(found.kind);
  if (!kind) {
    const known = optimizerKinds().map(other => other.kind);
    throw new UsageError(`There is no optimizer ${JSON.stringify(name)}. There are: ${known.join(', ')}.`);
  }
  return { kind: kind.kind, params: initialValues(kind.fields) as Record<string, never> };
}

function applySet(document: ProjectDocument, assignment: string): ProjectDocument {
  const match = /^([^=]+)=(.*)$/s.exec(assignment);
  if (!match) throw new UsageError(`--set wants PATH=VALUE; it got ${JSON.stringify(assignment)}.`);
  const path = match[1]!.split('.');
  const value = parseValue(match[2]!);
  const [head, key] = path as [string, string | undefined];
  const { training } = document;
  if (path.length === 1 && head in training && head !== 'optimizer' && head !== 'losses') {
    return { ...document, training: { ...training, [head]: value } };
  }
  if (path.length === 2 && head === 'optimizer' && key! in training.optimizer.params) {
    const { optimizer } = training;
    const part = { ...optimizer, params: { ...optimizer.params, [key!]: value as never } };
    return { ...document, training: { ...training, optimizer: part } };
  }
  const node = Object.entries(document.graph.nodes).find(([, { name }]) => name === head);
  if (path.length === 2 && node && key! in node[1].params) {
    return { ...document, graph: setParams(document.graph, node[0], { [key!]: value }) };
  }
  throw new UsageError(`--set: there is no ${match[1]} in this project.`);
}

/** JSON where it is some, else the text itself. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
