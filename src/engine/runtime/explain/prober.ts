/**
 * Inspects a network: the output of any node for given images, and gradients between nodes. Shapes and orders are
 * PyTorch's, `channels × height × width`. Synchronous, as is Session.
 */
import { compileProbe, type ProbeModel } from '../../compile/probe.ts';
import type { NodeId } from '../../graph/document.ts';
import { inputsOf } from '../../graph/headAnswers.ts';
import type { Inference } from '../../graph/inference.ts';
import type { Tensor } from '../../layers/lowering.ts';
import { type Shape, sizeOf } from '../../layers/shape.ts';
import { type BackendName, loadBackend } from '../backend.ts';
import { MODEL_START } from '../memory.ts';
import { Session } from '../session.ts';
import type { StateTensor } from '../stateTensor.ts';

/** Values with their shape, for one image. */
export interface ProbedValues {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** Initial weights: drawn from a seed, or tensors by PyTorch's names. */
export type GivenWeights = { readonly seed: number } | ReadonlyMap<string, Float32Array>;

export interface ProberOptions {
  readonly inference: Inference;
  readonly weights: GivenWeights;
  readonly batch?: number;
  readonly keep?: readonly NodeId[] | 'all';
  readonly from?: NodeId | null;
  readonly threads?: number;
  readonly backend?: BackendName;
}

/** Weights that do not match the network. */
export class ProbedWeightsError extends Error {
  override readonly name = 'ProbedWeightsError';
}

export class Prober {
  readonly imageShape: Shape;
  readonly #inference: Inference;
  readonly #probe: ProbeModel;
  readonly #session: Session;
  readonly #batch: number;
  readonly #from: NodeId | null;

  /** @throws CompileError where the network has a fault, WeightsError where the weights do not match it */
  constructor(options: ProberOptions) {
    const { inference, weights, batch = 1, keep = 'all', from = null, threads = 1 } = options;
    const backend = loadBackend(options.backend);
    const { realBytes } = backend;
    this.#probe = compileProbe({ inference, batch, keep, from, realBytes, start: MODEL_START });
    this.#inference = inference;
    this.#batch = batch;
    this.#from = from;
    this.imageShape = inference.nodes.get(inputsOf(inference)[0]!)!.figures!.shape;
    this.#session = new Session(this.#probe.model, backend, threads);
    if ('seed' in weights) this.#session.initialise(weights.seed);
    else {
      const [missing] = this.#session.restore(name => weights.get(name));
      if (missing === undefined) return;
      this.close();
      throw new ProbedWeightsError(`These weights do not fit this network: ${missing} is missing.`);
    }
  }

  /**
   * Runs the network on at most `batch` images.
   * @param images one after the other, each channels × height × width, normalised
   * @param seed the gradient of the output of `from`, in its shape, one image after the other
   */
  run(images: Float32Array, seed?: Float32Array): void {
    const size = sizeOf(this.imageShape);
    const count = images.length / size;
    if (!Number.isInteger(count) || count < 1 || count > this.#batch)
      throw new RangeError(`${images.length} numbers are no images of ${this.imageShape.join('×')}.`);
    this.#fill(this.#probe.model.images, images, this.imageShape, count);
    if (seed)
      this.#fill(this.#probe.seed!, seed, this.#inference.nodes.get(this.#from!)!.figures!.shape, count);
    this.#session.run(this.#probe.seed ? 'train' : 'evaluate', count);
  }

  /** A node's output for one image of the last run. */
  output(id: NodeId, image = 0): ProbedValues {
    return this.#read(this.#probe.outputs.get(id)!, this.#inference.nodes.get(id)!.figures!.shape, image);
  }

  /** The gradient of a node's output; zeros where `from` does not depend on it. */
  gradient(id: NodeId, image = 0): ProbedValues {
    const { shape } = this.#inference.nodes.get(id)!.figures!;
    return this.#readGradient(this.#probe.gradients.get(id), shape, image);
  }

  imageGradient(image = 0): ProbedValues {
    return this.#readGradient(this.#probe.imageGradient ?? undefined, this.imageShape, image);
  }

  weights(): StateTensor[] {
    return this.#session.weights();
  }

  close(): void {
    this.#session.close();
  }

  /** Copies images from PyTorch's order, channels first, to the engine's, channels last. */
  #fill(to: Tensor, from: Float32Array, shape: Shape, count: number): void {
    const reals = this.#session.reals(to);
    for (let image = 0; image < count; image++)
      eachPlace(shape, image, (first, last) => {
        reals[last] = from[first]!;
      });
  }

  #read(from: Tensor, shape: Shape, image: number): ProbedValues {
    const reals = this.#session.reals(from);
    const values = new Float32Array(sizeOf(shape));
    const start = image * values.length;
    eachPlace(shape, image, (first, last) => {
      values[first - start] = reals[last]!;
    });
    return { shape, values };
  }

  #readGradient(from: Tensor | undefined, shape: Shape, image: number): ProbedValues {
    return from ? this.#read(from, shape, image) : { shape, values: new Float32Array(sizeOf(shape)) };
  }
}

/** Calls `visit` with the index of each number in both orders, channels first and channels last. */
function eachPlace(
  shape: Shape,
  image: number,
  visit: (channelsFirst: number, channelsLast: number) => void,
): void {
  const channels = shape[0]!;
  const pixels = sizeOf(shape.slice(1));
  const start = image * channels * pixels;
  for (let c = 0; c < channels; c++)
    for (let pixel = 0; pixel < pixels; pixel++)
      visit(start + c * pixels + pixel, start + pixel * channels + c);
}
