/**
 * No kernel writes beside its tensors: every case runs with each tensor in a place of its own and free lines around
 * it that hold a pattern, which has to be there after the run.
 */
import { describe, expect, it } from 'vitest';
import { augmentationKinds } from '../../src/engine/augmentations/registry.ts';
import { type CompiledTraining, compile } from '../../src/engine/compile/compile.ts';
import { wordsOf } from '../../src/engine/compile/encode.ts';
import { GUARD_LINES, linesOf } from '../../src/engine/compile/plan.ts';
import { type Model, type ProgramName, programNames, tensorsOf } from '../../src/engine/compile/program.ts';
import { defaultTraining, type Graph } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { LINE_BYTES } from '../../src/engine/layers/kernelConstants.ts';
import type { Tensor } from '../../src/engine/layers/lowering.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { batchOf, cases, formula, weightsOf } from '../oracles/cases.ts';
import { backends } from './backends.ts';

const PATTERN = 0xa5;

function guarded(
  graph: Graph,
  training: CompiledTraining,
  batch: number,
  input: 'real' | 'uint8',
  backend: BackendName,
  change: (model: Model) => void = () => {},
): Session {
  const loaded = loadBackend(backend);
  const model = compile({
    inference: infer(graph),
    training,
    batch,
    input,
    programs: [...programNames],
    realBytes: loaded.realBytes,
    start: MODEL_START,
    guards: true,
  });
  change(model);
  const session = new Session(model, loaded, 2);
  for (const guard of guardsOf(session)) guard.fill(PATTERN);
  return session;
}

function tensorsIn({ instructions }: Model): Tensor[] {
  const all = programNames.flatMap(name => instructions[name].flatMap(tensorsOf));
  return [...new Set(all.map(({ tensor }) => tensor))];
}

/** What lies free behind each tensor, which is before the next one. */
function guardsOf({ model, losses }: Session): Uint8Array[] {
  return tensorsIn(model).map(tensor => {
    const end = model.lines[tensor.id]! + linesOf(tensor, model.realBytes);
    return new Uint8Array(losses.buffer, end * LINE_BYTES, GUARD_LINES * LINE_BYTES);
  });
}

/** The tensors behind which something was written. */
function overrun(session: Session): string[] {
  const guards = guardsOf(session);
  return tensorsIn(session.model).flatMap(({ name }, i) =>
    guards[i]!.every(byte => byte === PATTERN) ? [] : [name],
  );
}

function runAll(session: Session, batch: number, programs: readonly ProgramName[] = programNames): void {
  for (const [step, program] of programs.entries())
    session.run(program, batch, { learningRate: 0.01, seed: 1, step });
}

describe.each(backends)('%s', (_, use) => {
  const backend = use();

  it.each(cases().map(each => [each.name, each] as const))('%s', (_, each) => {
    use();
    const { document, batch } = each;
    const session = guarded(document.graph, document.training, batch, 'real', backend);
    try {
      const weights = weightsOf(each);
      session.restore(name => {
        const given = weights.get(name);
        return given && Float32Array.from(given.values);
      });
      session.realImages.set(batchOf(each).get('input')!.values);
      runAll(session, batch);
      expect(overrun(session)).toEqual([]);
      // The last batch of an epoch is smaller.
      runAll(session, 1);
      expect(overrun(session)).toEqual([]);
    } finally {
      session.close();
    }
  });

  it('bytes that are augmented in every way', () => {
    use();
    const chosen = augmentationKinds().flatMap(({ kind, schema, examples }) =>
      examples.map(params => ({ kind, params: schema.parse(params) as Record<string, unknown> })),
    );
    const { graph } = cases().find(({ name }) => name === 'lenet')!.document;
    const augmentations = chosen as CompiledTraining['augmentations'];
    const session = guarded(graph, { ...defaultTraining, augmentations }, 3, 'uint8', backend);
    try {
      session.initialise(1);
      session.setNormalization([0.5], [0.5]);
      session.images.set(
        formula('image', [session.images.length], 2).values.map(value => Math.abs(value) * 100),
      );
      runAll(session, 3);
      expect(overrun(session)).toEqual([]);
    } finally {
      session.close();
    }
  });
});

it('finds an instruction that writes further than its tensor', () => {
  const { document, batch } = cases().find(({ name }) => name === 'lenet')!;
  const session = guarded(document.graph, document.training, batch, 'real', 'reference', model => {
    // The words of the encoded program, before the session puts them into its memory.
    const place = model.instructions.evaluate.findIndex(({ name }) => name === 'reluForward');
    const before = model.instructions.evaluate.slice(0, place).reduce((sum, each) => sum + wordsOf(each), 0);
    const count = 1 + Object.keys(model.instructions.evaluate[place]!.operands).indexOf('count');
    model.programs.evaluate![before + count]! += 1;
  });
  try {
    runAll(session, batch, ['evaluate']);
    expect(overrun(session)).toEqual(['relu1.output']);
  } finally {
    session.close();
  }
});
