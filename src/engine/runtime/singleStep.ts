/**
 * One training step on given tensors, with everything that it computes laid open: how the engine is held
 * against others. Names and layouts are PyTorch's.
 */
import { compile } from '../compile/compile.ts';
import type { NamedTensor } from '../formats/safetensors.ts';
import type { ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { type Shape, shapeText } from '../layers/shape.ts';
import { type BackendName, loadBackend } from './backend.ts';
import { MODEL_START } from './memory.ts';
import { Session, type StateTensor } from './session.ts';

export interface StepInput {
  readonly document: ProjectDocument;
  /** `<node>.<weight>`, in PyTorch's layout; what the optimizer keeps may be among them. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
  /** `input`, batch × channels × height × width, normalised already; `target`, one class per image. */
  readonly batch: ReadonlyMap<string, NamedTensor>;
  readonly backend: BackendName;
  readonly threads: number;
}

/** A tensor that is missing or of the wrong shape: which one, and what was wanted. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/**
 * @returns `loss`, `output`, `grad.<name>` and the updated `<name>` of every weight, and what the optimizer keeps
 *   (`<name>.momentum_buffer`), which can go into the next step
 * @throws StepError naming a tensor that does not fit
 */
export function singleStep({ document, weights, batch, backend: name, threads }: StepInput): NamedTensor[] {
  const backend = loadBackend(name);
  const inference = infer(document.graph);
  const imageShape = inference.nodes.get(inference.order[0] ?? '')?.figures?.shape ?? [];
  const input = batch.get('input');
  const count = input?.shape[0] ?? 0;
  requireTensor('input', input, [count, ...imageShape]);
  const target = requireTensor('target', batch.get('target'), [count]);
  const model = compile({
    inference,
    training: document.training,
    batch: count,
    input: 'real',
    programs: ['train'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  for (const { name, weight } of model.parameters) requireTensor(name, weights.get(name), weight.shape);
  const session = new Session(model, backend, threads);
  try {
    session.restore(new Map([...weights].map(([name, { values }]) => [name, Float32Array.from(values)])));
    toChannelsLast(input!.values, session.realImages, count, imageShape);
    session.targets.set(target.values);
    const { learningRate, seed } = document.training;
    session.run('train', count, { learningRate, seed, step: 0 });
    const loss = Array.from(session.losses).reduce((sum, each) => sum + each, 0) / count;
    const output = Float32Array.from(session.output('train'));
    return [
      { name: 'loss', shape: [], values: Float32Array.of(loss) },
      { name: 'output', shape: [count, output.length / count], values: output },
      ...session.gradients().map((gradient): StateTensor => ({ ...gradient, name: `grad.${gradient.name}` })),
      ...session.weights(),
      ...session.optimizerState(),
    ];
  } finally {
    session.close();
  }
}

function requireTensor(name: string, tensor: NamedTensor | undefined, shape: Shape): NamedTensor {
  if (!tensor) throw new StepError(`The tensor ${name} is missing; ${shapeText(shape)} is wanted.`);
  if (tensor.shape.length !== shape.length || shape.some((extent, i) => tensor.shape[i] !== extent)) {
    throw new StepError(`The tensor ${name} is ${shapeText(tensor.shape)}; ${shapeText(shape)} is wanted.`);
  }
  return tensor;
}

/** From batch × channels × pixels to the engine's batch × pixels × channels. */
function toChannelsLast(
  from: Float32Array | Int32Array,
  to: Float32Array | Float64Array,
  count: number,
  [channels = 1, height = 1, width = 1]: Shape,
): void {
  const pixels = height * width;
  for (let image = 0; image < count; image++) {
    for (let c = 0; c < channels; c++) {
      for (let pixel = 0; pixel < pixels; pixel++) {
        const start = image * channels * pixels;
        to[start + pixel * channels + c] = from[start + c * pixels + pixel]!;
      }
    }
  }
}
