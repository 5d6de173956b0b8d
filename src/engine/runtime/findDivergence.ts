/**
 * Finds the layer where a diverged network's values became NaN or infinite. A training step with such a loss is halted
 * before the update, so that its weights are unchanged: the step is computed again with every layer's output kept.
 */
import { compile } from '../compile/compile.ts';
import type { ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { type BackendName, loadBackend } from './backend.ts';
import { Batches } from './batches.ts';
import { MemoryError, MODEL_START } from './memory.ts';
import { type Hyper, Session } from './session.ts';
import type { StateTensor } from './stateTensor.ts';
import type { TrainingData } from './trainingData.ts';
import { normalize } from './trainingModel.ts';

export interface HaltedStep {
  readonly document: ProjectDocument;
  readonly data: TrainingData;
  readonly images: Int32Array;
  readonly hyper: Hyper;
  readonly backend: BackendName;
  readonly threads: number;
  readonly weights: readonly StateTensor[];
}

const isBroken = (values: ArrayLike<number>) =>
  Array.prototype.some.call(values, each => !Number.isFinite(each));

/** @returns a sentence naming the layer; empty where there is not enough memory to find out */
export function whereItBegan(step: HaltedStep): string {
  const broken = step.weights.find(({ values }) => isBroken(values));
  if (broken) return `It began at ${broken.name}, which holds no numbers any more since the update before. `;
  try {
    return firstBrokenOutput(step);
  } catch (error) {
    if (error instanceof MemoryError) return '';
    throw error;
  }
}

function firstBrokenOutput(step: HaltedStep): string {
  const { document, data, images, hyper, backend, threads, weights } = step;
  const inference = infer(document.graph);
  const model = compile({
    inference,
    training: document.training,
    batch: images.length,
    input: 'uint8',
    programs: ['train'],
    realBytes: 4,
    start: MODEL_START,
    keepsOutputs: true,
  });
  const session = new Session(model, loadBackend(backend), threads);
  const batches = new Batches(data, session);
  try {
    normalize(session, document, data);
    const known = new Map(weights.map(({ name, values }) => [name, values]));
    session.restore(name => known.get(name));
    batches.load(images);
    session.run('train', images.length, hyper);
    const found = model.outputsOfNodes.find(({ tensor }) => isBroken(session.reals(tensor)));
    if (!found) return 'It began in the loss itself. ';
    const { node } = inference.nodes.get(found.node)!;
    return `It began in ${node.name} (${node.kind}), whose output is the first that is no number. `;
  } finally {
    session.close();
    batches.close();
  }
}
