/** A small network on given numbers, without a dataset: what comes out, in evaluation or in training. */
import { compile } from '../../src/engine/compile/compile.ts';
import type { ProgramName } from '../../src/engine/compile/program.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';

export interface Evaluation {
  graph: Graph;
  /** Channels last, image after image. */
  images: ArrayLike<number>;
  batch: number;
  program: ProgramName;
  backend?: BackendName;
  threads?: number;
  weights?: ReadonlyMap<string, Float32Array>;
  seed?: number;
  step?: number;
}

export function evaluate(options: Evaluation): Float64Array {
  const { graph, images, batch, program, threads = 1, weights, seed = 1, step = 0 } = options;
  const backend = loadBackend(options.backend ?? 'reference');
  const { realBytes } = backend;
  const model = compile({
    inference: infer(graph),
    training: defaultTraining,
    batch,
    input: 'real',
    programs: [program],
    realBytes,
    start: MODEL_START,
  });
  const session = new Session(model, backend, threads);
  try {
    session.initialise(seed);
    if (weights) session.restore(name => weights.get(name));
    session.realImages.set(images);
    session.run(program, batch, { learningRate: 0, seed, step });
    return Float64Array.from(session.output(program));
  } finally {
    session.close();
  }
}
