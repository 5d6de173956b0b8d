/** Rows that no Receptive wrote: what they say is refused in a sentence before memory or time is taken by it. */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { onTestFinished, test } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { explained } from '../../src/main/errorSentences.ts';
import { openServices, type Services } from '../../src/main/studio/services.ts';
import { UserError } from '../../src/main/userError.ts';
import { idOf } from '../ids.ts';
import { temporaryFolder } from './temporary.ts';

const SLOW = 120_000;
const dataset = idOf(7);
const run = idOf(1);
const drawn = newDocument('net', simpleCnn.build([3, 8, 8], 2));
const document = { ...drawn, dataset: 'given' };

const HEADS = JSON.stringify([{ answer: 'class', classes: [], scores: [1, 0], confusion: [], perClass: [] }]);

/** A workspace that somebody else made, with a dataset of two images, a run and a sweep. */
async function given(...changes: string[]): Promise<{ folder: string; services: Services }> {
  const folder = temporaryFolder();
  const open = () =>
    openServices({ workspace: folder, roots: [], workers: 1, yields: false, what: 'a test', emit: () => {} });
  const first = await open();
  first.workspace.datasets.put({
    ...{ id: dataset, name: 'given', source: '/nowhere', format: 'folders', state: 'ready', createdAt: 1 },
    ...{
      renewable: true,
      imageShape: [3, 8, 8],
      classes: ['a', 'b'],
      boxes: true,
      maskClasses: [],
      count: 2,
    },
    ...{ rejectCount: 0, bytes: 384, mean: [0, 0, 0], std: [1, 1, 1], preparation: '', notes: [] },
    ...{ options: { size: null, fit: 'contain', colour: 'auto', normalise: 'dataset' } },
    ...{ splitRule: { by: 'source', val: 0.1, test: 0.1, seed: 1 }, fingerprint: 'f', version: 1 },
    ...{ versionedAt: 1, change: 'imported', cacheStamp: '', fault: null },
  });
  first.workspace.datasets.append(
    dataset,
    [0, 1].map(index => ({
      ...{ index, path: `${index}.png`, label: index, place: 'train', given: null, box: [0, 0, 4, 4] },
      ...{ hash: Buffer.alloc(32, 1), maskHash: null, moments: new Float64Array(6), look: null, stamp: '' },
      ...{ width: 8, height: 8, twins: null, flags: 0 },
    })),
  );
  await first.close();
  const db = new Sqlite(join(folder, 'receptive.sqlite'));
  db.pragma('foreign_keys = OFF');
  db.prepare('INSERT INTO sweeps VALUES (?, ?, ?, ?)').run(
    ...[idOf(3), 'Sweep 1', '{"fields":[],"halving":null}', 1],
  );
  db.prepare(
    `INSERT INTO runs (id, project_name, name, dataset_id, dataset, state, document, settings, environment,
       data_fingerprint, seed, epochs, steps, epoch, step, parameters, seconds, started_at, metrics, sweep)
     VALUES (?, 'net', 'net 1', ?, 'given', 'finished', ?, '{}', '{}', 'f', 1, 1, 1, 1, 1, 1, 0, 1, '{}', ?)`,
  ).run(run, dataset, JSON.stringify(document), idOf(3));
  db.prepare("INSERT INTO evaluations VALUES (?, 'train', 1, 1, ?, ?, NULL)").run(
    ...[run, HEADS, Buffer.alloc(8)],
  );
  db.prepare('INSERT INTO samples VALUES (?, 1, ?)').run(run, Buffer.from([0x90]));
  db.prepare("INSERT INTO health VALUES (?, 1, '[]')").run(run);
  for (const sql of changes) db.exec(sql);
  db.close();
  const services = await open();
  onTestFinished(() => services.close());
  return { folder, services };
}

/** All that a window asks of what there is. What is refused is refused in a sentence. */
async function askAll({ folder, services }: { folder: string; services: Services }, trains: boolean) {
  const { datasets, runs, runAnswers, sweeps, trials } = services;
  const asks: (() => unknown)[] = [
    () => datasets.list(),
    () => datasets.detail(dataset),
    () => datasets.images(dataset, { split: null, label: null, offset: 0, limit: 10 }),
    () => datasets.imageFacts(dataset, 0),
    () => datasets.image(dataset, 0),
    () => datasets.trainingData(dataset),
    () => datasets.editImages(dataset, [{ index: 0, label: 1 }]),
    () => datasets.restoreVersion(dataset, 9),
    () => datasets.ensureCache(dataset),
    () => runs.list(),
    () => runs.page(null, 10),
    () => runs.detail(run),
    () => runs.metrics(run, { step: 0, epoch: 0 }),
    () => runs.health(run, 0),
    () => runAnswers.evaluation(run, 'train'),
    () => runAnswers.images(run, { split: 'train', label: null, answered: null, offset: 0, limit: 10 }),
    () => runAnswers.paired(run, run, 'train'),
    () => runAnswers.samples(run),
    () => sweeps.goOn(),
  ];
  if (trains)
    asks.push(
      () => trials.preflight(document),
      () => runs.start({ document, project: null, name: 'another' }),
    );
  for (const ask of asks) {
    try {
      await ask();
    } catch (error) {
      const said = explained(error, folder);
      if (!(said instanceof UserError)) throw error;
    }
  }
  for (const { id } of runs.active()) await runs.ended(id);
}

const set = (table: string, change: string) => `UPDATE ${table} SET ${change}`;

test.each<[string, ...string[]]>([
  ['a width of a thousand million', set('datasets', 'width = 1000000000')],
  ['a height of -1', set('datasets', 'height = -1')],
  ['a width of 0', set('datasets', 'width = 0')],
  ['sides that are plausible each by itself', set('datasets', 'width = 60000, height = 60000')],
  ['a million million channels', set('datasets', 'channels = 1000000000000')],
  ['a million million images', set('datasets', 'count = 1000000000000')],
  ['numbers for classes', set('datasets', `classes = '[1,2,null]'`)],
  ['no classes', set('datasets', `classes = '[]'`)],
  ['an object for classes', set('datasets', `classes = '{"length":1000000000}'`)],
  ['a mean of one channel', set('datasets', `mean = '[0]'`)],
  ['texts for the deviation', set('datasets', `std = '["a","b","c"]'`)],
  [
    'a preparation to a side of a thousand million',
    set(
      'datasets',
      `options = '{"size":{"height":1000000000,"width":1},"fit":"fill","colour":"rgb","normalise":"none"}'`,
    ),
  ],
  ['an empty preparation', set('datasets', `options = '{}'`)],
  ['an empty split rule', set('datasets', `split_rule = '{}'`)],
  ['a format that nobody knows', set('datasets', `format = '../../x', cache_stamp = ''`)],
  ['a place beyond every cache', set('images', 'idx = 1000000000000 WHERE idx = 1')],
  ['a place before every cache', set('images', 'idx = -5 WHERE idx = 1')],
  ['a class that there is not', set('images', 'label = 1000000000 WHERE idx = 1')],
  ['a class below zero', set('images', 'label = -3 WHERE idx = 1')],
  ['a box of one number', set('images', `box = '[1]'`)],
  ['a box that is null', set('images', `box = 'null'`)],
  ['hashes of one byte', set('images', `hash = x'00'`)],
  ['measures of seven bytes', set('images', `moments = x'00112233445566'`)],
  [
    'a version of three bytes',
    `INSERT INTO versions VALUES ('${dataset}', 9, 1, '', '["a"]', 1, '[]', '[]', 'g', x'000000', x'00')`,
  ],
  [
    'a version of other classes',
    `INSERT INTO versions VALUES ('${dataset}', 9, 1, '', '["a"]', 1, '[]', '[]', 'g', x'ffffff7f', x'00')`,
  ],
  [
    'a version of other places',
    `INSERT INTO versions VALUES ('${dataset}', 9, 1, '', '["a"]', 1, '[]', '[]', 'g', x'00000000', x'ff')`,
  ],
  ['losses of seven bytes', set('evaluations', `losses = x'00112233445566'`)],
  ['answers that are null', set('evaluations', `heads = '[null]'`)],
  ['answers that are a number', set('evaluations', `heads = '5'`)],
  ['samples that are a number', set('samples', `images = x'05'`)],
  ['samples of null', set('samples', `images = x'91c0'`)],
  ['health that is null', set('health', `nodes = 'null'`)],
  ['metrics that are texts', set('runs', `metrics = '{"val.loss":"much"}'`)],
  ['tags that are numbers', set('runs', `tags = '[1]'`)],
  ['settings within settings', set('runs', `settings = '{"a":{"b":1}}'`)],
  ['an environment of numbers', set('runs', `environment = '{"workers":1}'`)],
  ['a step below zero', set('runs', 'step = -5, epoch = -1, steps = -9')],
  ['a million million steps', set('runs', 'steps = 1000000000000, epochs = 1000000000000')],
  ['a state that nobody knows', set('runs', `state = 'dreaming'`)],
  ['a plan that is null', set('sweeps', `plan = 'null'`)],
  [
    'a plan whose rounds never grow',
    set(
      'sweeps',
      `plan = '{"fields":[{"path":"a","values":[1]}],"strategy":"halving","samples":null,"seed":1,"repeats":1,"halving":{"epochs":1,"full":9,"factor":1}}'`,
    ),
  ],
  [
    'a run that waits for a dataset that cannot be',
    set('datasets', 'width = 1000000000'),
    set('runs', `state = 'queued', queue_place = 1`),
  ],
  ['a run that waits and has no network', set('runs', `state = 'queued', queue_place = 1, document = '5'`)],
  [
    'a checkpoint in somebody else’s folder',
    `INSERT INTO checkpoints VALUES ('${run}', '../../../etc/last-1.safetensors', 1, 1, 'last', 1)`,
  ],
  [
    'a checkpoint of a step below zero',
    `INSERT INTO checkpoints VALUES ('${run}', 'runs/${run}/last--5.safetensors', -5, 1, 'last', 1)`,
  ],
])(
  '%s',
  async (_, ...changes) => {
    const opened = await given(...changes);
    opened.services.startQueue();
    await askAll(opened, /^UPDATE (datasets|images)/.test(changes[0]!));
  },
  SLOW,
);
