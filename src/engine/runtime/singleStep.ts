/**
 * One training step on given tensors, with everything that it computes laid open: how the engine is held
 * against others. Names and layouts are PyTorch's.
 */
import { compile } from '../compile/compile.ts';
import type { ModelHead } from '../compile/program.ts';
import type { NamedTensor } from '../formats/safetensors.ts';
import { inputsOf } from '../graph/answering.ts';
import type { ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { type Shape, shapeText, sizeOf } from '../layers/shape.ts';
import { type BackendName, loadBackend } from './backend.ts';
import { MODEL_START } from './memory.ts';
import { Session, type StateTensor } from './session.ts';

export interface StepInput {
  readonly document: ProjectDocument;
  /** `<node>.<weight>`, in PyTorch's layout; what the optimizer keeps may be among them. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
  /**
   * `input`, batch × channels × height × width, normalised already; `target`, one class per image or pixel, or
   * four numbers of a box. Where the network answers several questions: `target.class`, `target.box`, `target.mask`.
   */
  readonly batch: ReadonlyMap<string, NamedTensor>;
  readonly backend: BackendName;
  readonly threads: number;
  /** Updates that the weights have had before: what Adam's correction of its averages counts. */
  readonly updates?: number;
}

/** A tensor that is missing or of the wrong shape: which one, and what was wanted. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/**
 * @returns `loss`, `output` (`output.<answer>` where there are several), `grad.<name>` and the updated `<name>` of every weight, and what the optimizer keeps
 *   (`<name>.momentum_buffer`), which can go into the next step
 * @throws StepError naming a tensor that does not fit
 */
export function singleStep(input: StepInput): NamedTensor[] {
  const { document, weights, batch, backend: name, threads, updates = 0 } = input;
  const backend = loadBackend(name);
  const inference = infer(document.graph);
  const imageShape = inference.nodes.get(inputsOf(inference)[0] ?? '')?.figures?.shape ?? [];
  const count = batch.get('input')?.shape[0] ?? 0;
  const images = requireTensor('input', batch.get('input'), [count, ...imageShape]);
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
    toChannelsLast(images.values, session.realImages, count, imageShape);
    fillTargets(session, batch, count);
    const { learningRate, seed } = document.training;
    session.run('train', count, { learningRate, seed, step: 0, updates });
    if (session.halted) throw new StepError('The loss of these tensors is no number.');
    const loss = Array.from(session.losses).reduce((sum, each) => sum + each, 0) / count;
    return [
      { name: 'loss', shape: [], values: Float32Array.of(loss) },
      ...outputsOf(session, count),
      ...session.gradients().map((gradient): StateTensor => ({ ...gradient, name: `grad.${gradient.name}` })),
      ...session.weights(),
      ...session.optimizerState(),
    ];
  } finally {
    session.close();
  }
}

/** `target`, or where there are several heads one for each. */
const suffixOf = (session: Session, { answer }: ModelHead) =>
  session.model.heads.length === 1 ? '' : `.${answer}`;

function fillTargets(session: Session, batch: ReadonlyMap<string, NamedTensor>, count: number): void {
  for (const head of session.model.heads) {
    const name = `target${suffixOf(session, head)}`;
    const shapes = { class: [count], box: [count, 4], mask: [count, ...head.shape.slice(1)] };
    session.targets(head).set(requireTensor(name, batch.get(name), shapes[head.answer]).values);
  }
}

/** What each head said, in PyTorch's order. */
function outputsOf(session: Session, count: number): NamedTensor[] {
  return session.model.heads.map(head => {
    const stored = session.output('train', head);
    const [channels, ...extents] = head.shape as [number, ...number[]];
    const pixels = sizeOf(extents);
    const values = Float32Array.from(stored, (_, i) => {
      const [image, c] = [Math.floor(i / (channels * pixels)), Math.floor(i / pixels) % channels];
      return stored[(image * pixels + (i % pixels)) * channels + c]!;
    });
    return { name: `output${suffixOf(session, head)}`, shape: [count, ...head.shape], values };
  });
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
