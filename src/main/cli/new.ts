/** `receptive new`: a project file from the zoo, with trained weights where it is asked for. */
import { existsSync } from 'node:fs';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { newDocument, type ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { pretrained, pretrainedWeights } from '../../engine/graph/pretrained.ts';
import { fromPretrained, refusesTransfer } from '../../engine/zoo/fromPretrained.ts';
import { zooModel, zooModels } from '../../engine/zoo/registry.ts';
import { type ModelSize, sizeFor, withModel, type ZooModel } from '../../engine/zoo/zoo.ts';
import { quoted, wholeFrom } from '../arguments.ts';
import type { DatasetRecord } from '../database/datasetRows.ts';
import { UserError } from '../userError.ts';
import { type Command, type Invocation, number, print, required, text, UsageError } from './command.ts';
import { parseInputShape } from './inputShape.ts';
import { openToRead } from './openWorkspace.ts';
import { writeProject } from './projectFile.ts';

export const create: Command = {
  name: 'new',
  usage: '--model NAME [--pretrained] [--data NAME] [--classes N] [--input CxHxW] -o FILE',
  summary: 'Makes a project file from a network of the zoo.',
  options: {
    model: { type: 'string', value: 'NAME', help: 'which network; receptive models lists them' },
    pretrained: {
      type: 'boolean',
      help: 'begins with the weights that come with the program: its last layer learns, the rest is frozen',
    },
    data: {
      type: 'string',
      value: 'NAME',
      help: 'the dataset that it is for: its classes and the size of its images',
    },
    classes: {
      type: 'string',
      value: 'N',
      help: 'how many classes (default: as published)',
      range: wholeFrom(1, 100_000),
    },
    input: { type: 'string', value: 'CxHxW', help: 'shape of one image (default: as published)' },
    output: { type: 'string', short: 'o', value: 'FILE', help: 'where to write it; nothing is overwritten' },
  },
  positionals: [0, 0],
  async run(invocation) {
    const name = required(invocation, 'model');
    const model = wantedModel(name);
    const path = required(invocation, 'output');
    const shape = text(invocation, 'input');
    const dataset = text(invocation, 'data');
    const fitting = sizeFor(model, dataset === undefined ? null : datasetNamed(invocation, dataset));
    const input = shape ? parseInputShape(shape) : fitting.input;
    const classes = number(invocation, 'classes') ?? fitting.classes;
    const empty = { ...newDocument(name), dataset: dataset ?? null };
    const document = invocation.values.pretrained
      ? transferred(empty, name, { input, classes })
      : withModel(empty, model, { input, classes });
    const inference = infer(document.graph);
    const { totals } = inference;
    const fault = diagnose(inference).find(({ severity }) => severity === 'error');
    if (fault) throw new UserError(`${name} does not take ${input.join('x')}: ${fault.message}`);
    if (existsSync(path)) throw new UserError(`${path} is there already. Choose another name.`);
    writeProject(path, document);
    print(invocation, { file: path, parameters: totals.parameters, macs: totals.macs }, () => {
      return [`${path}: ${model.title}, ${totals.parameters} parameters, ${totals.macs} MACs`];
    });
    return 0;
  },
};

/** @throws UsageError where the zoo has none of this name */
export function wantedModel(name: string): ZooModel {
  const model = zooModel(name);
  if (model) return model;
  const known = zooModels().map(other => other.name);
  throw new UsageError(`There is no model ${quoted(name)}. There are: ${known.join(', ')}.`);
}

/** @throws UserError where it is not there */
function datasetNamed(invocation: Invocation, wanted: string): DatasetRecord {
  const workspace = openToRead(invocation);
  try {
    const found = workspace.datasets.byName(wanted);
    if (!found) throw new UserError(`There is no dataset ${quoted(wanted)}; receptive datasets lists them.`);
    return found;
  } finally {
    workspace.close();
  }
}

/** @throws UsageError where no weights come for this network, UserError where they are of no use */
function transferred(empty: ProjectDocument, name: string, size: ModelSize): ProjectDocument {
  const weights = pretrained(name);
  if (!weights) {
    const known = pretrainedWeights().map(each => each.name);
    throw new UsageError(`No weights come with the program for ${name}. They do for: ${known.join(', ')}.`);
  }
  const refusal = refusesTransfer(weights, size);
  if (refusal !== undefined) throw new UserError(refusal);
  return fromPretrained(empty, weights, size);
}
