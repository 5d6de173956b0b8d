/**
 * What training costs beside the steps themselves: `node tests/bench/training.ts [NETWORK…]`. Medians in milliseconds
 * of steps that are made in turn, so that what else the machine does falls on all alike.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { augmentationKinds } from '../../src/engine/augmentations/registry.ts';
import type { ProjectDocument, Training } from '../../src/engine/graph/document.ts';
import { initialValues } from '../../src/engine/layers/fields.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { Batches } from '../../src/engine/runtime/batches.ts';
import { deadUnits, healthOf } from '../../src/engine/runtime/measureHealth.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { HEALTH_STEPS } from '../../src/engine/runtime/trainer.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { compileForTraining } from '../../src/engine/runtime/trainingModel.ts';
import { benchDocument, benchNetworks } from '../../src/main/bench/networks.ts';
import { syntheticData } from './synthetic.ts';

const TURNS = 15;
const THREADS = 2;

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Median milliseconds of each, made in turn. The first turn is not counted. */
function timed(works: readonly ((turn: number) => void)[]): number[] {
  const times = works.map((): number[] => []);
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [i, work] of works.entries()) {
      const started = performance.now();
      work(turn);
      if (turn > 0) times[i]!.push(performance.now() - started);
    }
  }
  return times.map(median);
}

const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)} %`;
const ms = (time: number) => time.toFixed(2);

function sessionOf(document: ProjectDocument, { mean, std }: TrainingData): Session {
  const session = new Session(compileForTraining(document), loadBackend(), THREADS);
  session.initialise(1);
  session.setNormalization(mean, std);
  return session;
}

const step = (session: Session, program: 'train' | 'watch', i: number) =>
  session.run(program, session.model.batch, { learningRate: 1e-4, seed: 1, step: i });

function report(name: string, folder: string): void {
  const document = benchDocument(benchNetworks.find(each => each.name === name)!);
  const data = syntheticData(folder, document, TURNS + 2);
  const { batchSize } = document.training;
  const batchAt = (i: number) => data.splits.train.subarray(i * batchSize, (i + 1) * batchSize);

  const session = sessionOf(document, data);
  const batches = new Batches(data, session);
  batches.load(batchAt(0), batchAt(1));
  let loading = 0;
  const loads: number[] = [];
  const [plain, watched] = timed([
    turn => {
      const started = performance.now();
      batches.load(batchAt(turn + 1), batchAt(turn + 2));
      loading = performance.now() - started;
      loads.push(loading);
      step(session, 'train', turn);
    },
    turn => {
      step(session, 'watch', turn);
      healthOf(session);
      deadUnits(session, node => node);
    },
  ]) as [number, number];
  batches.close();
  session.close();
  const computing = plain - median(loads);
  console.log(`${name}: a step ${ms(plain)} ms`);
  console.log(`  of it for the batch to be there: ${ms(median(loads))} ms, ${share(median(loads), plain)}`);
  const more = (watched - computing) / HEALTH_STEPS;
  console.log(
    `  one that is watched: ${ms(watched)} ms; one in ${HEALTH_STEPS}: ${share(more, plain)} of all time`,
  );

  const augmented = (augmentations: Training['augmentations']) =>
    sessionOf({ ...document, training: { ...document.training, augmentations } }, data);
  const kinds = augmentationKinds();
  const sessions = kinds.map(({ kind, fields }) =>
    augmented([{ kind, params: initialValues(fields) as Training['augmentations'][number]['params'] }]),
  );
  const bare = augmented([]);
  const [without, ...times] = timed([bare, ...sessions].map(each => turn => step(each, 'train', turn)));
  for (const [i, { kind }] of kinds.entries())
    console.log(
      `  ${kind.padEnd(22)} + ${ms(times[i]! - without!)} ms, ${share(times[i]! - without!, without!)}`,
    );
  for (const each of [bare, ...sessions]) each.close();
}

const folder = mkdtempSync(join(tmpdir(), 'receptive-bench-'));
for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['lenet28', 'cifar_bn'])
  report(name, folder);
rmSync(folder, { recursive: true });
