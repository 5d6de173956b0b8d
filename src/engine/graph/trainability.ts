/**
 * Whether a document can be trained on a dataset: what inference found, and what the loss asks of the
 * network's end. The window shows it beside the Train button; the command line ends with it.
 */
import { lossKind } from '../losses/registry.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { scoreRepairs } from './diagnostics/ending.ts';
import { sceneOf } from './diagnostics/scene.ts';
import type { LossTerm, ProjectDocument } from './document.ts';
import { type Diagnosis, type Inference, singleOutput } from './infer.ts';

/** What training needs to know of a dataset. */
export interface DatasetFacts {
  readonly name: string;
  readonly classes: readonly string[];
  /** Of one image in the cache: channels, height, width. */
  readonly imageShape: readonly [number, number, number];
}

export function diagnoseTraining(
  document: ProjectDocument,
  inference: Inference,
  dataset: DatasetFacts,
): readonly Diagnosis[] {
  const errors = inference.diagnoses.filter(diagnosis => diagnosis.severity === 'error');
  if (errors.length > 0) return errors;
  const fail = (code: string, message: string, node: string | null = null): Diagnosis[] => [
    { node, severity: 'error', code, message, repairs: [] },
  ];
  const output = singleOutput(inference);
  const figures = output && inference.nodes.get(output)?.figures;
  if (!output || !figures) return fail('empty-network', 'The canvas is empty: add an Input and some layers.');
  const { losses, optimizer } = document.training;
  const [chosen] = losses as [LossTerm];
  const loss = lossKind(chosen.kind);
  if (!loss) return fail('unknown-loss', `There is no loss “${chosen.kind}”.`);
  if (!loss.schema.safeParse(chosen.params).success)
    return fail('invalid-loss', `${chosen.kind} is set wrongly.`);
  const kind = optimizerKind(optimizer.kind);
  if (!kind) return fail('unknown-optimizer', `There is no optimizer “${optimizer.kind}”.`);
  const params = kind.schema.safeParse(optimizer.params);
  if (!params.success) {
    const { path, message } = params.error.issues[0]!;
    return fail('invalid-optimizer', `${optimizer.kind}: ${path.join('.')}: ${message}.`);
  }
  const input = [...inference.nodes].find(([, { kind }]) => kind?.inputs === 0);
  const shape = input?.[1].figures?.shape;
  if (shape && dataset.imageShape.some((extent, i) => extent !== shape[i])) {
    const [have, want] = [dataset.imageShape.join('×'), shape.join('×')];
    return [
      {
        node: input[0],
        severity: 'error',
        code: 'input-differs-from-dataset',
        message: `The images of ${dataset.name} are ${have}; the network’s Input is ${want}.`,
        repairs: [{ title: `Set the Input to ${have}`, setParams: { shape: [...dataset.imageShape] } }],
      },
    ];
  }
  const fault = loss.refuses(figures.shape, dataset.classes.length);
  if (!fault) return [];
  const scene = sceneOf(inference);
  const mending = scoreRepairs(scene, figures.shape, dataset.classes.length);
  const repairs = mending.length > 0 ? mending : fault.repairs;
  return [{ node: output, severity: 'error', ...fault, repairs }];
}
