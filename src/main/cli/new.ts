/** `receptive new`: a project file from the zoo. */
import { existsSync } from 'node:fs';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { newDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { zooModel, zooModels } from '../../engine/zoo/registry.ts';
import { withModel, type ZooModel } from '../../engine/zoo/zoo.ts';
import { quoted, wholeFrom } from '../arguments.ts';
import { UserError } from '../userError.ts';
import { type Command, number, print, required, text, UsageError } from './command.ts';
import { parseInputShape } from './inputShape.ts';
import { writeProject } from './projectFile.ts';

export const create: Command = {
  name: 'new',
  usage: '--model NAME [--classes N] [--input CxHxW] -o FILE',
  summary: 'Makes a project file from a network of the zoo.',
  options: {
    model: { type: 'string', value: 'NAME', help: 'which network; receptive models lists them' },
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
    const input = shape ? parseInputShape(shape) : model.input;
    const classes = number(invocation, 'classes') ?? model.classes;
    const document = withModel(newDocument(name), model, { input, classes });
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
