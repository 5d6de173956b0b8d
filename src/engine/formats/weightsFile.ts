/** What is known of a file of weights, whatever wrote it (openWeights.ts reads it). */
import type { ElementType } from './elementTypes.ts';

/** A tensor of a file, read when it is asked for. */
export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Its numbers, along its last axis first. What it gives may last only until the next one is read. @throws WeightsError or SafetensorsError */
  read(): Float32Array | Int32Array;
}

export interface WeightsFile {
  readonly format: 'safetensors' | 'PyTorch' | 'PyTorch before 1.6';
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Of safetensors. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Under which keys of a checkpoint the tensors lie. */
  readonly within: readonly string[];
  /** What the checkpoint holds beside them. */
  readonly beside: readonly string[];
}
