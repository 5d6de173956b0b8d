/**
 * From a document to a model that can run: instructions for training and for evaluation, and one plan of the
 * memory that they share. Exact: the model's `end` is the memory it takes.
 */
import type { LossTerm, Training } from '../graph/document.ts';
import { type Inference, singleOutput } from '../graph/infer.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Shape, sizeOf } from '../layers/shape.ts';
import { lossKind } from '../losses/registry.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { encode, encodedLength } from './encode.ts';
import { lowerNetwork, lowerOptimizer, makeParameters, Tensors } from './lower.ts';
import { linesOf, placeByLifetime, placeInOrder } from './plan.ts';
import { CompileError, type Instruction, LINE_BYTES, type Model, type ProgramName } from './program.ts';

export interface CompileOptions {
  readonly inference: Inference;
  readonly training: Pick<Training, 'losses' | 'optimizer'>;
  readonly batch: number;
  /** `uint8`: images as the cache holds them, normalised in the program. `real`: normalised already. */
  readonly input: 'uint8' | 'real';
  readonly programs: readonly ProgramName[];
  readonly realBytes: 4 | 8;
  /** Where the model's memory begins, in bytes: a multiple of a line, behind what the host keeps there. */
  readonly start: number;
}

export function compile(options: CompileOptions): Model {
  const { inference, batch, realBytes, programs } = options;
  const output = singleOutput(inference);
  const fault = inference.diagnoses.find(diagnosis => diagnosis.severity === 'error');
  if (fault || !output) throw new CompileError(fault?.message ?? 'The network does not end in one place.');
  const tensors = new Tensors();
  let parameters = makeParameters(inference, tensors, programs.includes('train'));
  const ports = makePorts(options, tensors);

  const instructions: Record<ProgramName, Instruction[]> = { train: [], evaluate: [] };
  const outputs: Record<ProgramName, Tensor | null> = { train: null, evaluate: null };
  const [first] = options.training.losses as [LossTerm];
  const loss = validated(lossKind(first.kind), first, 'loss');
  for (const program of programs) {
    const context = {
      inference,
      tensors,
      batch,
      training: program === 'train',
      parameters: new Map(parameters.map(parameter => [parameter.name, parameter])),
      instructions: instructions[program],
    };
    const input = emitNormalization(context, ports);
    outputs[program] = lowerNetwork(context, { ...ports, input }, output, loss);
    if (program !== 'train') continue;
    const { optimizer } = options.training;
    parameters = lowerOptimizer(context, validated(optimizerKind(optimizer.kind), optimizer, 'optimizer'));
  }

  const placed = place(options, tensors, instructions, outputs, {
    ports: [
      ports.images,
      ports.targets,
      ports.losses,
      ports.predictions,
      ...Object.values(ports.normalization ?? {}),
    ],
    weights: parameters.map(parameter => parameter.tensor),
    learning: parameters.flatMap(({ gradient, slots }) => [
      ...(gradient ? [gradient] : []),
      ...Object.values(slots),
    ]),
  });
  const encoded = (name: ProgramName) =>
    programs.includes(name) ? encode(instructions[name], placed.lines) : null;
  return {
    batch,
    realBytes,
    parameters,
    outputs,
    ...ports,
    programs: { train: encoded('train'), evaluate: encoded('evaluate') },
    ...placed,
  };
}

type ModelPorts = Pick<Model, 'images' | 'targets' | 'losses' | 'predictions' | 'normalization'>;

/** The tensors through which a host fills in a batch and reads what came out. */
function makePorts({ inference, batch, input }: CompileOptions, tensors: Tensors): ModelPorts {
  const shape = imageShapeOf(inference);
  const perChannel = (name: string) => tensors.make(name, 'real', shape[0]!);
  return {
    images: tensors.make('images', input, batch * sizeOf(shape)),
    targets: tensors.make('targets', 'int32', batch),
    losses: tensors.make('losses', 'real', batch),
    predictions: tensors.make('predictions', 'int32', batch),
    normalization: input === 'uint8' ? { scale: perChannel('scale'), shift: perChannel('shift') } : null,
  };
}

/** Where images come in as bytes, a program begins by normalising them. @returns what the network reads */
function emitNormalization(
  {
    inference,
    tensors,
    instructions,
  }: { inference: Inference; tensors: Tensors; instructions: Instruction[] },
  { images, normalization }: ModelPorts,
): Tensor {
  if (!normalization) return images;
  const [channels, height, width] = imageShapeOf(inference) as [number, number, number];
  const y = tensors.make('normalized', 'real', images.count);
  const operands = { images, ...normalization, y, pixels: height * width, channels };
  instructions.push({ name: 'normalizeForward', operands });
  return y;
}

/** Without errors there is one Input, and nothing comes before it. */
function imageShapeOf(inference: Inference): Shape {
  return inference.nodes.get(inference.order[0]!)!.figures!.shape;
}

interface Lasting {
  readonly ports: readonly Tensor[];
  readonly weights: readonly Tensor[];
  readonly learning: readonly Tensor[];
}

/** Places everything: programs, then what lasts, then what programs may write over each other. */
function place(
  { programs, realBytes, start }: CompileOptions,
  tensors: Tensors,
  instructions: Record<ProgramName, Instruction[]>,
  outputs: Record<ProgramName, Tensor | null>,
  { ports, weights, learning }: Lasting,
): Pick<Model, 'lines' | 'end' | 'sizes'> {
  const lines = new Int32Array(tensors.all.length);
  let first = start / LINE_BYTES;
  for (const name of programs) first += Math.ceil((encodedLength(instructions[name]) * 4) / LINE_BYTES);
  const shared = placeInOrder([...ports, ...weights, ...learning], first, realBytes, lines);
  let end = shared;
  for (const name of programs) {
    const kept = new Set([outputs[name]!]);
    end = Math.max(end, placeByLifetime(instructions[name], kept, shared, realBytes, lines));
  }
  const bytes = (list: readonly Tensor[]) =>
    list.reduce((sum, tensor) => sum + linesOf(tensor, realBytes) * LINE_BYTES, 0);
  return {
    lines,
    end: end * LINE_BYTES,
    sizes: {
      weights: bytes(weights),
      optimizer: bytes(learning),
      activations: (end - shared) * LINE_BYTES + bytes(ports),
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
