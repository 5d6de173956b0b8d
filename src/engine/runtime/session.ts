/**
 * A compiled model with memory and threads: set images, run a program, read results. Synchronous, so it belongs in a
 * thread that may block. Weights are read and written with PyTorch's names and orders.
 */

import { encode, wordsOf } from '../compile/encode.ts';
import { hashName } from '../compile/hashName.ts';
import {
  forEachProgram,
  type Model,
  type ModelHead,
  type Parameter,
  type ProgramName,
  programNames,
} from '../compile/program.ts';
import type { TensorSource } from '../formats/safetensors.ts';
import { LINE_BYTES, PROGRAM_END } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import { sizeOf } from '../layers/shape.ts';
import type { Backend } from './backend.ts';
import type { TensorsByName } from './checkpoint.ts';
import { allocate, controlWords, MODEL_START, memoryBytes, SINGLE_STEP_WORDS, words } from './memory.ts';
import { Pool } from './pool.ts';
import type { StateTensor } from './stateTensor.ts';
import { drawnShape, load, store } from './weightLayout.ts';

type Reals = Float32Array | Float64Array;

const readSource = ({ name, shape, read }: TensorSource): StateTensor => ({
  name,
  shape,
  values: read().slice(),
});

/** A parameter's tensor with its name. */
type NamedTensor = readonly [parameter: Parameter, tensor: Tensor, name: string];

/** What a training step depends on besides its batch. */
export interface Hyper {
  readonly learningRate: number;
  readonly seed: number;
  /** Counts from 0. */
  readonly step: number;
  /** Counts from 0. */
  readonly epoch?: number;
  /** Number of updates before this one; by default the number of steps. */
  readonly updates?: number;
  /** Images of the whole update; by default those of this run. */
  readonly total?: number;
}

export class Session {
  readonly model: Model;
  readonly backend: Backend;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Int32Array;
  readonly #rates: Float32Array;
  readonly #pool: Pool;
  readonly #starts: Record<ProgramName, number>;
  #singles = 0;
  #tensorRoom: Float32Array | undefined;

  /** @throws MemoryError where the memory is not available */
  constructor(model: Model, backend: Backend, threads: number) {
    this.model = model;
    this.backend = backend;
    this.#memory = allocate(model.end, threads, backend.name);
    this.#control = controlWords(this.#memory);
    this.#rates = new Float32Array(this.#memory.buffer, this.#control.byteOffset, this.#control.length);
    this.#starts = forEachProgram(() => 0);
    let at = MODEL_START;
    for (const name of programNames) {
      const program = model.programs[name];
      if (!program) continue;
      new Int32Array(this.#memory.buffer, at, program.length).set(program);
      this.#starts[name] = at;
      at += Math.ceil(program.byteLength / LINE_BYTES) * LINE_BYTES;
    }
    for (const { tensor, values } of model.constants) this.#reals(tensor).set(values);
    this.#pool = new Pool(backend, this.#memory, model.end, threads);
  }

  /** The memory in bytes that a session of this model allocates. */
  static bytes(model: Model, threads: number): number {
    return memoryBytes(model.end, threads);
  }

  /**
   * Runs a program on the first `batch` images.
   * @param hyper learning rate, and the counters that random numbers depend on; ignored by `evaluate`
   */
  run(program: ProgramName, batch: number, hyper: Hyper = { learningRate: 0, seed: 0, step: 0 }): void {
    this.#prepare(program, batch, hyper);
    this.#pool.run();
  }

  #prepare(program: ProgramName, batch: number, hyper: Hyper): void {
    this.#control[words.program] = this.#starts[program];
    this.#control[words.batch] = batch;
    this.#rates[words.learningRate] = hyper.learningRate;
    this.#control[words.seed] = hyper.seed | 0;
    this.#control[words.step] = hyper.step;
    this.#control[words.epoch] = hyper.epoch ?? 0;
    this.#control[words.update] = (hyper.updates ?? hyper.step) + 1;
    this.#control[words.total] = hyper.total ?? batch;
  }

  /**
   * Runs a program one instruction at a time, for profiling; the result is that of `run`.
   * @param clock in milliseconds
   * @returns the duration of each instruction, in milliseconds
   */
  runTimed(program: ProgramName, batch: number, hyper: Hyper, clock = () => performance.now()): Float64Array {
    const instructions = this.model.instructions[program];
    const code = this.model.programs[program]!;
    const times = new Float64Array(instructions.length);
    this.#prepare(program, batch, hyper);
    let at = 0;
    for (const [i, instruction] of instructions.entries()) {
      const next = at + wordsOf(instruction);
      const start = clock();
      this.#runSingle(Int32Array.of(...code.subarray(at, next), PROGRAM_END));
      times[i] = clock() - start;
      at = next;
    }
    return times;
  }

  /** Runs a single encoded instruction that is not part of the model. */
  #runSingle(program: Int32Array): void {
    this.#singles++;
    const place = SINGLE_STEP_WORDS[this.#singles % SINGLE_STEP_WORDS.length]!;
    new Int32Array(this.#memory.buffer, place, program.length).set(program);
    this.#control[words.program] = place;
    this.#pool.run();
  }

  close(): void {
    this.#pool.close();
  }

  /** The input images: `batch × height × width × channels` bytes. */
  get images(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#at(this.model.images), this.model.images.count);
  }

  /** The buffers that the next batch is read into while a program runs; null where the model has none. */
  get staged(): {
    images: Uint8Array;
    masks: Uint8Array | null;
  } | null {
    const { staged } = this.model;
    if (!staged) return null;
    const bytes = (tensor: Tensor) => new Uint8Array(this.#memory.buffer, this.#at(tensor), tensor.count);
    return { images: bytes(staged.images), masks: staged.masks && bytes(staged.masks) };
  }

  /** What programs begin with where they begin behind what does not learn; null where they begin with the images. */
  get features(): Float32Array | null {
    const { features } = this.model;
    return features
      ? new Float32Array(this.#memory.buffer, this.#at(features.tensor), features.tensor.count)
      : null;
  }

  /** Where each image stands in the dataset. */
  get indices(): Int32Array {
    return this.int32s(this.model.indices);
  }

  /** The targets: classes, or four numbers per box. */
  targets({ targets }: ModelHead): Int32Array | Reals {
    return targets.type === 'int32' ? this.int32s(targets) : this.#reals(targets);
  }

  /** The class of the highest score for each image or pixel; not for boxes. */
  predictions({ predictions }: ModelHead): Int32Array {
    return this.int32s(predictions!);
  }

  /** The metric of each image of the last run, 0 to 1. */
  scores({ scores }: ModelHead): Reals {
    return this.#reals(scores);
  }

  /** Whether the last training run was halted before the update because the loss was NaN or infinite. */
  get halted(): boolean {
    return this.#control[words.halted] === 1;
  }

  /** The loss of each image of the last run. */
  get losses(): Reals {
    return this.#reals(this.model.losses);
  }

  /** Normalised images, `batch × height × width × channels`, for models with real input. */
  get realImages(): Reals {
    return this.#reals(this.model.images);
  }

  /** The output of a head; of the first one by default. */
  output(program: ProgramName, head: ModelHead = this.model.heads[0]!): Reals {
    return this.#reals(head.outputs[program]!);
  }

  /** Sets the normalisation of bytes, `(byte / 255 - mean) / std`, per channel. */
  setNormalization(mean: readonly number[], std: readonly number[]): void {
    const { scale, shift } = this.model.normalization!;
    this.#reals(scale).set(std.map(deviation => 1 / (255 * deviation)));
    this.#reals(shift).set(mean.map((average, i) => -average / std[i]!));
  }

  /** By which images are normalised: scales, then shifts, of each channel. */
  normalization(): number[] {
    const { scale, shift } = this.model.normalization!;
    return [...this.#reals(scale), ...this.#reals(shift)];
  }

  /** Gives every weight what it begins with; what is drawn, by seed and name. */
  initialise(seed: number): void {
    for (const { name, weight, tensor } of this.model.parameters) {
      const { initial } = weight;
      if ('uniform' in initial) {
        const drawn = { weight: tensor, key: hashName(name), bound: initial.uniform };
        this.#control[words.seed] = seed | 0;
        this.#runSingle(
          encode([{ name: 'drawUniform', operands: { ...drawn, ...drawnShape(weight) } }], this.model.lines),
        );
        continue;
      }
      const values = new Float32Array(sizeOf(weight.shape));
      if ('constant' in initial) values.fill(initial.constant);
      else for (const i of values.keys()) values[i] = initial.values[i % initial.values.length]!;
      store(weight, values, this.#reals(tensor));
    }
  }

  weights(): StateTensor[] {
    return this.weightSources().map(readSource);
  }

  /** Accessors of the weights. Each is read on demand, as all at once may not fit into memory. */
  weightSources(): TensorSource[] {
    return this.#sources(
      this.model.parameters.map(parameter => [parameter, parameter.tensor, parameter.name]),
    );
  }

  /** The gradients of the last update. */
  gradients(): StateTensor[] {
    const gradients = this.model.parameters.flatMap((parameter): NamedTensor[] => {
      const gradient = parameter.accumulated ?? parameter.gradient;
      return gradient ? [[parameter, gradient, parameter.name]] : [];
    });
    return this.#sources(gradients).map(readSource);
  }

  /** Zeroes the accumulated gradients: the next run is the first of an update. */
  clearGradients(): void {
    for (const { accumulated } of this.model.parameters) if (accumulated) this.#reals(accumulated).fill(0);
  }

  /** The optimizer state of each weight: `conv1.weight.momentum_buffer`. */
  optimizerState(): StateTensor[] {
    return this.optimizerSources().map(readSource);
  }

  optimizerSources(): TensorSource[] {
    const slots = this.model.parameters.flatMap(parameter =>
      Object.entries(parameter.slots).map(
        ([slot, tensor]): NamedTensor => [parameter, tensor, `${parameter.name}.${slot}`],
      ),
    );
    return this.#sources(slots);
  }

  /** Sets weights and optimizer state by name. @returns the names for which there was no tensor of the right shape */
  restore(tensors: TensorsByName): string[] {
    const missing: string[] = [];
    for (const parameter of this.model.parameters) {
      const places: [string, Tensor][] = [[parameter.name, parameter.tensor]];
      for (const [slot, tensor] of Object.entries(parameter.slots)) {
        places.push([`${parameter.name}.${slot}`, tensor]);
      }
      for (const [name, tensor] of places) {
        const values = tensors(name, parameter.weight.shape);
        if (values) store(parameter.weight, values, this.#reals(tensor));
        else missing.push(name);
      }
    }
    return missing;
  }

  /** Copies the weights that have the same name and shape. @returns their number */
  adopt(tensors: readonly StateTensor[]): number {
    const given = new Map(tensors.map(tensor => [tensor.name, tensor]));
    let taken = 0;
    for (const { name, weight, tensor, slots } of this.model.parameters) {
      const found = given.get(name);
      if (!found || found.shape.join() !== weight.shape.join()) continue;
      store(weight, found.values, this.#reals(tensor));
      if (slots.ema) store(weight, found.values, this.#reals(slots.ema));
      taken++;
    }
    return taken;
  }

  /** Swaps the weights with their moving averages, where there are any; calling it twice restores them. */
  exchangeAverages(): void {
    for (const { tensor, slots } of this.model.parameters) {
      if (!slots.ema) continue;
      const [weight, average] = [this.#reals(tensor), this.#reals(slots.ema)];
      const kept = weight.slice();
      weight.set(average);
      average.set(kept);
    }
  }

  /** All sources share one buffer: a value is valid until the next is read. */
  #sources(places: readonly NamedTensor[]): TensorSource[] {
    return places.map(([{ weight }, tensor, name]) => ({
      name,
      shape: weight.shape,
      read: () => load(weight, this.#reals(tensor), this.room().subarray(0, sizeOf(weight.shape))),
    }));
  }

  /** A buffer for one tensor in PyTorch's order, valid until the next is read; saves a second copy of the largest. */
  room(): Float32Array {
    this.#tensorRoom ??= new Float32Array(
      Math.max(0, ...this.model.parameters.map(({ weight }) => sizeOf(weight.shape))),
    );
    return this.#tensorRoom;
  }

  #at(tensor: Tensor): number {
    return this.model.lines[tensor.id]! * LINE_BYTES;
  }

  /** The numbers of a tensor with memory of its own. */
  reals(tensor: Tensor): Reals {
    return this.#reals(tensor);
  }

  /** The same for a float64 tensor. */
  doubles(tensor: Tensor): Float64Array {
    return new Float64Array(this.#memory.buffer, this.#at(tensor), tensor.count);
  }

  #reals(tensor: Tensor): Reals {
    const RealArray = this.model.realBytes === 8 ? Float64Array : Float32Array;
    return new RealArray(this.#memory.buffer, this.#at(tensor), tensor.count);
  }

  /** The same for an int32 tensor. */
  int32s(tensor: Tensor): Int32Array {
    return new Int32Array(this.#memory.buffer, this.#at(tensor), tensor.count);
  }
}
