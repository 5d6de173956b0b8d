/**
 * One training step on given tensors that returns everything it computes, for comparing the engine with others. Names
 * and layouts are PyTorch's.
 */
import { compile } from '../compile/compile.ts';
import type { Model, ModelHead } from '../compile/program.ts';
import type { NamedTensor } from '../formats/safetensors.ts';
import type { ProjectDocument } from '../graph/document.ts';
import { inputsOf } from '../graph/headAnswers.ts';
import { infer } from '../graph/infer.ts';
import { type Shape, shapeText, sizeOf } from '../layers/shape.ts';
import { type BackendName, loadBackend } from './backend.ts';
import { MODEL_START } from './memory.ts';
import { Session } from './session.ts';
import type { StateTensor } from './stateTensor.ts';

export interface StepInput {
  readonly document: ProjectDocument;
  /** `<node>.<weight>`, in PyTorch's layout; may include optimizer state. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
  /**
   * `input`: batch × channels × height × width, normalised. `target`: one class per image or pixel, or four numbers of
   * a box; with several heads `target.class`, `target.box`, `target.mask`.
   */
  readonly batch: ReadonlyMap<string, NamedTensor>;
  readonly backend: BackendName;
  readonly threads: number;
  /** Number of updates before this one, for Adam's bias correction. */
  readonly updates?: number;
}

/** A tensor that is missing or has the wrong shape. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/**
 * @returns `loss`, `output` (with several heads `output.<answer>`), and for every weight `grad.<name>`, the updated
 * `<name>` and its optimizer state (`<name>.momentum_buffer`), which can be given to the next step
 * @throws StepError naming a tensor that does not fit
 */
export function singleStep(input: StepInput): NamedTensor[] {
  const step = new OpenStep(input);
  const { session } = step;
  try {
    const loss = step.run(input.updates ?? 0);
    return [
      { name: 'loss', shape: [], values: Float32Array.of(loss) },
      ...step.outputs(),
      ...session.gradients().map((gradient): StateTensor => ({ ...gradient, name: `grad.${gradient.name}` })),
      ...session.weights(),
      ...session.optimizerState(),
    ];
  } finally {
    session.close();
  }
}

/** A session for one batch, with the document's gradient accumulation. */
export class OpenStep {
  readonly session: Session;
  readonly #input: StepInput;
  readonly #imageShape: Shape;
  readonly #count: number;
  /** The output of each head over the whole batch. */
  #outputs: Float32Array[] = [];

  /** @throws StepError naming a tensor that does not fit */
  constructor(input: StepInput) {
    const { document, weights, batch, threads } = input;
    const { accumulate } = document.training;
    const backend = loadBackend(input.backend);
    const inference = infer(document.graph);
    this.#input = input;
    this.#imageShape = inference.nodes.get(inputsOf(inference)[0] ?? '')?.figures?.shape ?? [];
    this.#count = batch.get('input')?.shape[0] ?? 0;
    requireTensor('input', batch.get('input'), [this.#count, ...this.#imageShape]);
    const model = compile({
      inference,
      training: document.training,
      batch: Math.ceil(this.#count / accumulate),
      input: 'real',
      programs: accumulate > 1 ? ['accumulate', 'train'] : ['train'],
      realBytes: backend.realBytes,
      start: MODEL_START,
    });
    for (const { name, weight } of model.parameters) requireTensor(name, weights.get(name), weight.shape);
    for (const head of model.heads) this.#targets(model, head);
    this.session = new Session(model, backend, threads);
    this.session.restore(name => {
      const given = weights.get(name);
      return given && Float32Array.from(given.values);
    });
  }

  /** One update. @returns the loss. @throws StepError where it is NaN or infinite */
  run(updates: number): number {
    const { session } = this;
    const { heads, batch } = session.model;
    const { learningRate, seed } = this.#input.document.training;
    const outputs = heads.map((): number[] => []);
    let sum = 0;
    session.clearGradients();
    for (let from = 0, part = 0; from < this.#count; from += batch, part++) {
      const count = Math.min(batch, this.#count - from);
      const program = from + count < this.#count ? 'accumulate' : 'train';
      this.#fill(from, count);
      session.run(program, count, { learningRate, seed, step: part, updates, total: this.#count });
      if (session.halted) throw new StepError('The loss of these tensors is no number.');
      for (const each of session.losses.subarray(0, count)) sum += each;
      for (const [i, head] of heads.entries())
        for (const each of session.output(program, head).subarray(0, count * sizeOf(head.shape)))
          outputs[i]!.push(each);
    }
    this.#outputs = outputs.map(values => Float32Array.from(values));
    return sum / this.#count;
  }

  /** The output of each head, in PyTorch's order. */
  outputs(): NamedTensor[] {
    const { model } = this.session;
    return model.heads.map((head, i) => {
      const stored = this.#outputs[i]!;
      const [channels, ...extents] = head.shape as [number, ...number[]];
      const pixels = sizeOf(extents);
      const values = stored.map((_, at) => {
        const [image, c] = [Math.floor(at / channels / pixels), Math.floor(at / pixels) % channels];
        return stored[(image * pixels + (at % pixels)) * channels + c]!;
      });
      return { name: `output${suffixOf(model, head)}`, shape: [this.#count, ...head.shape], values };
    });
  }

  /** Copies `count` images of the batch and their targets to the beginning of the session's buffers. */
  #fill(from: number, count: number): void {
    const { session } = this;
    const size = sizeOf(this.#imageShape);
    const images = this.#input.batch.get('input')!.values.subarray(from * size, (from + count) * size);
    toChannelsLast(images, session.realImages, count, this.#imageShape);
    for (const head of session.model.heads) {
      const { values } = this.#targets(session.model, head);
      const each = values.length / this.#count;
      session.targets(head).set(values.subarray(from * each, (from + count) * each));
    }
  }

  #targets(model: Model, head: ModelHead): NamedTensor {
    const name = `target${suffixOf(model, head)}`;
    const shapes = { class: [], box: [4], mask: head.shape.slice(1) };
    return requireTensor(name, this.#input.batch.get(name), [this.#count, ...shapes[head.answer]]);
  }
}

/** Empty for a single head, else `.<answer>`. */
const suffixOf = ({ heads }: Model, { answer }: ModelHead) => (heads.length === 1 ? '' : `.${answer}`);

function requireTensor(name: string, tensor: NamedTensor | undefined, shape: Shape): NamedTensor {
  if (!tensor) throw new StepError(`The tensor ${name} is missing; ${shapeText(shape)} is wanted.`);
  if (tensor.shape.length !== shape.length || shape.some((extent, i) => tensor.shape[i] !== extent)) {
    throw new StepError(`The tensor ${name} is ${shapeText(tensor.shape)}; ${shapeText(shape)} is wanted.`);
  }
  return tensor;
}

/** Converts batch × channels × pixels to the engine's batch × pixels × channels. */
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
