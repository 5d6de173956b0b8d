/**
 * From a document to a model that can run: instructions for training and for evaluation, and one plan of the
 * memory that they share. Exact: the model's `end` is the memory it takes.
 */
import type { Training } from '../graph/document.ts';
import { type Inference, singleOutput } from '../graph/infer.ts';
import { sizeOf } from '../layers/layer.ts';
import type { Tensor } from '../layers/lowering.ts';
import { lossKind } from '../losses/registry.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { encode, encodedLength } from './encode.ts';
import { lowerNetwork, lowerOptimizer, makeParameters, type Ports, Tensors } from './lower.ts';
import { linesOf, placeByLifetime, placeInOrder } from './plan.ts';
import { type Instruction, LINE_BYTES, type Model, type ProgramName } from './program.ts';

export interface CompileOptions {
  readonly inference: Inference;
  readonly training: Pick<Training, 'loss' | 'optimizer'>;
  readonly batch: number;
  /** `uint8`: images as the cache holds them, normalised in the program. `real`: normalised already. */
  readonly input: 'uint8' | 'real';
  readonly programs: readonly ProgramName[];
  readonly realBytes: 4 | 8;
  /** Where the model's memory begins, in bytes: a multiple of a line, behind what the host keeps there. */
  readonly start: number;
}

/** A document that cannot be compiled: inference or the caller should have said so before. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
}

export function compile(options: CompileOptions): Model {
  const { inference, batch, realBytes } = options;
  const output = singleOutput(inference);
  const fault = inference.diagnoses.find(diagnosis => diagnosis.severity === 'error');
  if (fault || !output) throw new CompileError(fault?.message ?? 'The network does not end in one place.');
  const training = options.programs.includes('train');
  const tensors = new Tensors();
  let parameters = makeParameters(inference, tensors, training);
  const imageShape = inference.nodes.get(inference.order[0]!)!.figures!.shape;
  const channels = imageShape[0]!;
  const imageCount = batch * sizeOf(imageShape);
  const images = tensors.make('images', options.input, imageCount);
  const normalization =
    options.input === 'uint8'
      ? { scale: tensors.make('scale', 'real', channels), shift: tensors.make('shift', 'real', channels) }
      : null;
  const results = {
    targets: tensors.make('targets', 'int32', batch),
    losses: tensors.make('losses', 'real', batch),
    predictions: tensors.make('predictions', 'int32', batch),
  };
  const lasting = [images, ...Object.values(results), ...Object.values(normalization ?? {})];

  const instructions: Record<ProgramName, Instruction[]> = { train: [], evaluate: [] };
  const outputs: Record<ProgramName, Tensor | null> = { train: null, evaluate: null };
  const loss = validated(lossKind(options.training.loss.kind), options.training.loss, 'loss');
  for (const program of options.programs) {
    const context = {
      inference,
      tensors,
      batch,
      training: program === 'train',
      parameters: new Map(parameters.map(parameter => [parameter.name, parameter])),
      instructions: instructions[program],
    };
    const input = normalization ? tensors.make('normalized', 'real', imageCount) : images;
    if (normalization) {
      const operands = {
        images,
        ...normalization,
        y: input,
        pixels: sizeOf(imageShape) / channels,
        channels,
      };
      context.instructions.push({ name: 'normalizeForward', operands });
    }
    outputs[program] = lowerNetwork(context, { input, ...results } satisfies Ports, output, loss);
    if (program !== 'train') continue;
    const { optimizer } = options.training;
    parameters = lowerOptimizer(context, validated(optimizerKind(optimizer.kind), optimizer, 'optimizer'));
  }

  const weights = parameters.map(parameter => parameter.tensor);
  const learning = parameters.flatMap(({ gradient, slots }) => [
    ...(gradient ? [gradient] : []),
    ...Object.values(slots),
  ]);
  const lines = new Int32Array(tensors.all.length);
  const programLines = options.programs.map(name =>
    Math.ceil((encodedLength(instructions[name]) * 4) / LINE_BYTES),
  );
  const first = options.start / LINE_BYTES + programLines.reduce((sum, count) => sum + count, 0);
  const shared = placeInOrder([...lasting, ...weights, ...learning], first, realBytes, lines);
  // Programs run one after the other, so their temporaries may lie in the same place.
  let end = shared;
  for (const name of options.programs) {
    const kept = new Set([outputs[name]!]);
    end = Math.max(end, placeByLifetime(instructions[name], kept, shared, realBytes, lines));
  }

  const encoded = (name: ProgramName) =>
    options.programs.includes(name) ? encode(instructions[name], lines) : null;
  const bytes = (list: readonly Tensor[]) =>
    list.reduce((sum, tensor) => sum + linesOf(tensor, realBytes) * LINE_BYTES, 0);
  return {
    batch,
    realBytes,
    parameters,
    images,
    outputs,
    normalization,
    ...results,
    programs: { train: encoded('train'), evaluate: encoded('evaluate') },
    lines,
    end: end * LINE_BYTES,
    sizes: {
      weights: bytes(weights),
      optimizer: bytes(learning),
      activations: (end - shared) * LINE_BYTES + bytes(lasting),
    },
  };
}

interface Validated<K> {
  kind: K;
  params: Record<string, unknown>;
}

function validated<K extends { schema: { safeParse(value: unknown): { data?: unknown } } }>(
  kind: K | undefined,
  chosen: { kind: string; params: Record<string, unknown> },
  what: string,
): Validated<K> {
  const params = kind?.schema.safeParse(chosen.params).data;
  if (!kind || !params) throw new CompileError(`The ${what} ${chosen.kind} is unknown or set wrongly.`);
  return { kind, params: params as Record<string, unknown> };
}
