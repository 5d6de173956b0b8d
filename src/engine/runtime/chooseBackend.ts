/**
 * Chooses the backend: the one that was asked for, or the fastest that computes correctly here. Native kernels are
 * built by whatever compiler is installed, so they are first compared with the reference, over one training step of a
 * network that uses the large kernels.
 */
import type { NamedTensor } from '../formats/safetensors.ts';
import { newDocument, type Training } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { sizeOf } from '../layers/shape.ts';
import { chain } from '../zoo/zoo.ts';
import { BackendError, type BackendName, loadBackend } from './backend.ts';
import { fillUniform } from './philox.ts';
import { singleStep } from './singleStep.ts';

export interface ChosenBackend {
  readonly name: Exclude<BackendName, 'reference'>;
  /** For messages: `native, AVX-512`. */
  readonly title: string;
  /** Why it is not the fastest one; null where it is, or where it was asked for. */
  readonly note: string | null;
}

/** The largest difference from the reference, relative to the largest absolute value of a tensor. */
const TOLERANCE = 1e-3;

/** @throws BackendError where the native backend was asked for and is not available */
export function chooseBackend(wish: Training['computing']['backend']): ChosenBackend {
  if (wish === 'wasm') return { ...wasm, note: null };
  try {
    return { ...trustedNative(), note: null };
  } catch (error) {
    if (!(error instanceof BackendError) || wish === 'native') throw error;
    return { ...wasm, note: error.message };
  }
}

const wasm = { name: 'wasm', title: 'WebAssembly' } as const;

/** Results of the comparison, by the backend's title, kept for the life of the process. */
const checked = new Map<string, string | null>();

function trustedNative(): Pick<ChosenBackend, 'name' | 'title'> {
  const backend = loadBackend('native');
  if (!checked.has(backend.title)) {
    const fault = differenceFromReference(backend.title, trialStep('native'), trialStep('reference'));
    checked.set(backend.title, fault);
  }
  const fault = checked.get(backend.title);
  if (fault) throw new BackendError(fault);
  return { name: 'native', title: backend.title };
}

/** What a backend computes wrongly, in a sentence; null where everything agrees with the reference. */
export function differenceFromReference(
  title: string,
  actual: readonly NamedTensor[],
  wanted: readonly NamedTensor[],
): string | null {
  for (const { name: tensor, values } of wanted) {
    const found = actual.find(other => other.name === tensor)!.values;
    let [largest, difference] = [1e-3, 0];
    for (const [i, value] of values.entries()) {
      largest = Math.max(largest, Math.abs(value));
      // Written so that NaN counts as a difference.
      const off = Math.abs(found[i]! - value);
      difference = off >= 0 ? Math.max(difference, off) : Number.POSITIVE_INFINITY;
    }
    if (difference / largest > TOLERANCE)
      return `The kernels of this machine (${title}) computed ${tensor} wrongly when they were tried.`;
  }
  return null;
}

const TRIAL_BATCH = 3;
const TRIAL_CLASSES = 5;

/** All tensors that one training step of the trial network computes. */
export function trialStep(backend: BackendName): NamedTensor[] {
  const graph = chain([
    ['Input', 'input', { shape: [3, 14, 14] }],
    ['Conv2d', 'first', { outChannels: 24 }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'relu1'],
    ['Conv2d', 'second', { outChannels: 40, bias: false }],
    ['MaxPool2d', 'pool'],
    ['Conv2d', 'strided', { outChannels: 20, stride: [2, 2], padding: [1, 1, 1, 1] }],
    ['ReLU', 'relu2'],
    ['Conv2d', 'depthwise', { outChannels: 20, groups: 20 }],
    ['Conv2d', 'pointwise', { outChannels: 33, kernelSize: [1, 1] }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: TRIAL_CLASSES }],
  ]);
  const weights = infer(graph).order.flatMap(id => {
    const { node, figures } = infer(graph).nodes.get(id)!;
    return figures!.weights.map(({ name, shape, initial }): [string, NamedTensor] => {
      const values = new Float32Array(sizeOf(shape));
      if ('constant' in initial) values.fill(initial.constant);
      else fillUniform(values, 1 / Math.sqrt(sizeOf(shape.slice(1)) || 1), 1, 0, shape.length);
      return [`${node.name}.${name}`, { name: `${node.name}.${name}`, shape, values }];
    });
  });
  const input = new Float32Array(TRIAL_BATCH * 3 * 14 * 14);
  fillUniform(input, 1, 2, 0, 0);
  const batch = new Map<string, NamedTensor>([
    ['input', { name: 'input', shape: [TRIAL_BATCH, 3, 14, 14], values: input }],
    [
      'target',
      { name: 'target', shape: [TRIAL_BATCH], values: Int32Array.from({ length: TRIAL_BATCH }, (_, i) => i) },
    ],
  ]);
  const document = newDocument('trial', graph);
  return singleStep({ document, weights: new Map(weights), batch, backend, threads: 1 });
}
