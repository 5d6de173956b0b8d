/** `receptive step`: one training step on given tensors, to compare the engine with others. */
import { CompileError } from '../../engine/compile/program.ts';
import { readSafetensors, SafetensorsError, writeSafetensors } from '../../engine/formats/safetensors.ts';
import { StepError, singleStep } from '../../engine/runtime/singleStep.ts';
import { wholeFrom } from '../arguments.ts';
import { UserError } from '../userError.ts';
import { type Command, number, print, required, text } from './command.ts';
import { readBytes, readProject, writeBytes } from './projectFile.ts';
import { workerOptions } from './train.ts';
import { chosenBackend, settingOptions, withSettings } from './trainingSettings.ts';

export const step: Command = {
  name: 'step',
  usage: 'FILE --weights W.safetensors --batch B.safetensors -o OUT.safetensors',
  summary: 'One training step on given tensors: loss, gradients, updated weights.',
  options: {
    weights: { type: 'string', value: 'FILE', help: 'weights by PyTorch names and layouts' },
    batch: {
      type: 'string',
      value: 'FILE',
      help: 'input (N×C×H×W, float32) and target (N classes, N×H×W classes or N×4 shares; target.class, target.box, target.mask where there are several)',
    },
    updates: {
      type: 'string',
      value: 'N',
      help: 'updates that the weights have had before (default: 0)',
      range: wholeFrom(0, 1_000_000_000),
    },
    output: { type: 'string', short: 'o', value: 'FILE', help: 'where to write the answer' },
    lr: settingOptions.lr,
    set: settingOptions.set,
    ...workerOptions,
    backend: { type: 'string', value: 'auto|wasm|native|reference', help: 'what computes (default: wasm)' },
  },
  positionals: [1, 1],
  async run(invocation) {
    const output = required(invocation, 'output');
    // Here --batch is a file, not the setting of that name.
    const { lr, set } = invocation.values;
    const document = withSettings(readProject(invocation.positionals[0]!), {
      ...invocation,
      values: { lr, set },
    });
    const backend = text(invocation, 'backend') ?? 'wasm';
    const answer = stepOrRefuse({
      document,
      weights: readTensors(required(invocation, 'weights')),
      batch: readTensors(required(invocation, 'batch')),
      backend: backend === 'reference' ? backend : chosenBackend(backend).name,
      threads: number(invocation, 'workers') ?? 1,
      updates: number(invocation, 'updates') ?? 0,
    });
    writeBytes(output, writeSafetensors(answer));
    const loss = answer[0]!.values[0]!;
    print(invocation, { loss, tensors: answer.map(({ name }) => name) }, () => [`loss ${loss}`]);
    return 0;
  },
};

/** Of a file of tensors: Node reads no larger one at once. */
const MOST_TENSOR_FILE_BYTES = 2 ** 31 - 1;

function readTensors(path: string) {
  try {
    return readSafetensors(readBytes(path, MOST_TENSOR_FILE_BYTES)).tensors;
  } catch (error) {
    if (error instanceof SafetensorsError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}

function stepOrRefuse(input: Parameters<typeof singleStep>[0]) {
  try {
    return singleStep(input);
  } catch (error) {
    if (error instanceof StepError || error instanceof CompileError) throw new UserError(error.message);
    throw error;
  }
}
