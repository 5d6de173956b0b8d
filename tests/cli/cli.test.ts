/**
 * The command line as a person uses it: real processes, real files, a real workspace. From a folder of drawn
 * images to a trained run, and every wrong use answered in one sentence.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/engine/formats/safetensors.ts';
import { formatDocument } from '../../src/engine/graph/document.ts';
import { batchOf, cases, weightsOf } from '../oracles/cases.ts';

const main = fileURLToPath(new URL('../../src/main/cli/main.ts', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-cli-'));
  await drawStripes(join(folder, 'stripes'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two classes that a small network tells apart at once: stripes across, stripes down. */
async function drawStripes(path: string): Promise<void> {
  for (const [name, across] of [
    ['across', true],
    ['down', false],
  ] as const) {
    mkdirSync(join(path, name), { recursive: true });
    for (let i = 0; i < 60; i++) {
      const pixels = Buffer.from(
        Array.from({ length: 256 }, (_, at) => {
          const line = across ? Math.floor(at / 16) : at % 16;
          return (Math.floor((line + i) / 2) % 2) * 180 + ((i * 37 + at * 11) % 60);
        }),
      );
      await sharp(pixels, { raw: { width: 16, height: 16, channels: 1 } })
        .toColourspace('b-w')
        .png()
        .toFile(join(path, name, `${i}.png`));
    }
  }
}

type Run = { name: string; state: string; epoch: number };

interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

function receptive(...args: string[]): Promise<Result> {
  const workspace = ['--workspace', join(folder, 'workspace')];
  return new Promise(resolve => {
    execFile(process.execPath, [main, ...args, ...workspace], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}

const json = ({ stdout }: Result) => JSON.parse(stdout);
const lines = ({ stdout }: Result) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

describe('from images to a run', () => {
  it('makes a project, imports, trains, and shows the run', async () => {
    const made = await receptive(
      'new',
      '--model',
      'lenet',
      '--classes',
      '2',
      '--input',
      '1x16x16',
      '-o',
      'net.json',
    );
    expect(made).toMatchObject({ code: 0, stderr: '' });

    const imported = json(await receptive('import', 'stripes', '--name', 'stripes', '--json'));
    expect(imported).toMatchObject({
      count: 120,
      imageShape: [1, 16, 16],
      classes: ['across', 'down'],
      rejects: [],
    });
    const wrong = await receptive('import', 'stripes', '--name', 'b', '--kind', 'coco');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/stripes holds no JSON with images, annotations and categories/);
    expect(await receptive('import', 'stripes', '--name', 'b', '--size', 'large')).toMatchObject({ code: 2 });
    const dataset = json(await receptive('dataset', 'stripes', '--json'));
    expect(dataset).toMatchObject({
      classCounts: imported.classCounts,
      versions: [{ version: 1, change: 'imported' }],
    });
    expect((await receptive('dataset', 'stripes')).stdout).toMatch(/images: grey, 16×16/);

    const settings = ['--data', 'stripes', '--epochs', '4', '--batch', '8', '--lr', '0.01', '--seed', '3'];
    const trained = await receptive(
      'train',
      'net.json',
      ...settings,
      '--set',
      'optimizer.momentum=0.8',
      '--json',
    );
    expect(trained.code).toBe(0);
    const events = lines(trained);
    expect(events[0]).toMatchObject({ event: 'start', name: 'lenet 1', epochs: 4, parameters: 20_706 });
    expect(events.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    const end = events.at(-1);
    expect(end).toMatchObject({ event: 'end', state: 'finished', error: null });
    expect(end.metrics['test.accuracy']).toBeGreaterThan(0.9);
    expect(events.filter(({ event }) => event === 'step')).toHaveLength(end && events[0].steps);

    const [run] = json(await receptive('runs', '--json'));
    expect(run).toMatchObject({ id: end.run, state: 'finished', weightHash: end.weightHash });
    expect(run.settings).toMatchObject({ 'optimizer.momentum': 0.8, batchSize: 8, seed: 3 });

    const again = lines(
      await receptive(
        'train',
        'net.json',
        ...settings,
        '--set',
        'optimizer.momentum=0.8',
        '--workers',
        '1',
        '--json',
      ),
    );
    expect(again.at(-1).weightHash).toBe(end.weightHash);
  });

  it('measures a run, and asks it about an image', async () => {
    const measured = json(await receptive('evaluate', 'lenet 1', '--split', 'val', '--json'));
    expect(measured.figures.accuracy).toBeGreaterThan(0.8);
    const [head] = measured.heads;
    expect(head.classes).toEqual(['across', 'down']);
    expect(head.confusion.flat().reduce((sum: number, each: number) => sum + each, 0)).toBe(measured.images);
    expect(measured.losses).toHaveLength(measured.images);
    expect(measured.losses[0].image).toMatch(/^(across|down)\/\d+\.png$/);
    const mean =
      measured.losses.reduce((sum: number, { loss }: { loss: number }) => sum + loss, 0) / measured.images;
    expect(mean).toBeCloseTo(measured.figures.loss, 4);
    const { stdout } = await receptive('evaluate', 'lenet 1', '--split', 'val');
    for (const part of [
      /^accuracy /m,
      /^class +precision +recall +F1 +support$/m,
      /^true \\ answered +across +down$/m,
    ])
      expect(stdout).toMatch(part);
    expect(stdout).toMatch(
      new RegExp(`^${measured.losses[0].image} +${measured.losses[0].loss.toFixed(4)}$`, 'm'),
    );
    const asked = await receptive('predict', 'lenet 1', 'stripes/down/3.png', 'net.json', '--json');
    const [stripes, text] = json(asked);
    expect(stripes.answers[0]).toMatchObject({ answer: 'class', class: 'down' });
    expect(text.error).toMatch(/not an image/);
    expect(asked.code).toBe(1);
    expect((await receptive('evaluate', 'nobody')).stderr).toMatch(/no run "nobody"/);
  });

  it('takes every setting by its place', async () => {
    const set = [
      'losses.0.labelSmoothing=0.1',
      'optimizer.kind=AdamW',
      'optimizer.weightDecay=0.05',
      'regularisation.clipNorm=1',
      'augmentations=["RandomRotation"]',
      'augmentations.0.degrees=5',
      'conv1.frozen=true',
    ].flatMap(each => ['--set', each]);
    const trained = await receptive(
      'train',
      'net.json',
      ...['--data', 'stripes', '--epochs', '1', '--schedule', 'onecyclelr', '--lr', '0.01', '--name', 'set'],
      ...[...set, '--json'],
    );
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    const [run] = json(await receptive('runs', '--json'));
    expect(run.settings).toMatchObject({
      'loss.labelSmoothing': 0.1,
      optimizer: 'AdamW',
      'optimizer.weightDecay': 0.05,
      schedule: 'OneCycleLR',
      'schedule.pctStart': 0.3,
      'regularisation.clipNorm': 1,
      'augmentation1.RandomRotation.degrees': 5,
    });
    const health = lines(trained).find(({ event }) => event === 'health');
    expect(health.nodes.map(({ node }: { node: string }) => node)).not.toContain('conv1');
    const wrong = await receptive('train', 'net.json', '--data', 'stripes', '--set', 'schedule.gamma=0.1');
    expect(wrong.stderr).toMatch(/there is no schedule.gamma/);
  });

  it('suggests a learning rate', async () => {
    const found = json(
      await receptive('find-lr', 'net.json', '--data', 'stripes', '--steps', '60', '--json'),
    );
    expect(found.points.length).toBeGreaterThan(20);
    expect(found.suggestion).toBeGreaterThan(1e-4);
    expect(found.suggestion).toBeLessThan(5);
  });

  it('inspects a file, and ends with 2 where an error stands', async () => {
    const well = await receptive('inspect', 'net.json', '--json');
    expect(well.code).toBe(0);
    const report = json(well);
    expect(report.totals).toMatchObject({ params: 20_706 });
    expect(report.nodes.find(({ name }: { name: string }) => name === 'conv1')).toMatchObject({
      outputShape: [6, 16, 16],
      params: 156,
      receptiveField: { size: [5, 5], jump: [1, 1], start: [0.5, 0.5] },
    });
    const tooSmall = await receptive('inspect', 'net.json', '--input', '1x4x4', '--json');
    expect(tooSmall.code).toBe(2);
    expect(json(tooSmall).diagnostics[0]).toMatchObject({
      severity: 'error',
      code: 'kernel-larger-than-input',
      repairs: [
        { title: 'Use a 1×1 kernel', outputShape: [16, 2, 2], deltaParams: 12_486, deltaMacs: 12_552 },
        { title: 'Pad by half the kernel', outputShape: [16, 2, 2], deltaParams: 14_790 },
      ],
    });
  });

  it('compares two files', async () => {
    const changed = readFileSync(join(folder, 'net.json'), 'utf8').replace(
      '"outChannels":16',
      '"outChannels":18',
    );
    writeFileSync(join(folder, 'wider.json'), changed);
    const diff = json(await receptive('compare', 'net.json', 'wider.json', '--json'));
    expect(diff).toMatchObject({ added: [], removed: [], deltaParams: 2 * 151 + 2 * 4 * 120 });
    const { stdout } = await receptive('compare', 'net.json', 'wider.json');
    expect(stdout).toMatch(/^~ conv2: outChannels 16 → 18, \+302 parameters/);
    expect((await receptive('compare', 'net.json', 'net.json')).stdout).toBe('The networks are the same.\n');
  });

  it('sweeps, finds runs by what they are, and compares two', async () => {
    const over = ['--over', 'learningRate=0.00001, 0.01', '--over', 'fc1.outFeatures=32…64 2'];
    const course = ['--data', 'stripes', '--epochs', '2', '--batch', '8', '--name', 'sizes'];
    const swept = json(await receptive('sweep', 'net.json', ...course, ...over, '--json'));
    expect(swept.map(({ state, epoch }: Run) => [state, epoch])).toEqual(Array(4).fill(['finished', 2]));
    expect(swept[1].settings).toMatchObject({ learningRate: 0.00001, 'fc1.outFeatures': 64 });

    const filter = ['runs', '--filter', 'sweep = sizes and lr > 0.001', '--sort'];
    const found = json(await receptive(...filter, 'parameters desc', '--json'));
    expect(found.map(({ name }: Run) => name)).toEqual(['sizes · 4', 'sizes · 3']);
    const wrong = await receptive('runs', '--filter', 'lr >');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toBe('--filter, at character 5: A value is missing after >.\n');

    const compared = json(await receptive('compare', 'sizes · 1', 'sizes · 4', '--json'));
    expect(compared.settings).toMatchObject({ learningRate: [0.00001, 0.01] });
    // The layer whose width was swept, and the one behind it, which takes that many.
    expect(compared.network).toMatchObject({ added: 0, removed: 0, changed: 2 });
    const { bothRight, onlySecond, images, p } = compared.sameImages;
    expect((bothRight + onlySecond) / images).toBeCloseTo(swept[3].metrics['test.accuracy'], 6);
    expect(p).toBeLessThanOrEqual(1);
    const { stdout } = await receptive('compare', 'sizes · 1', 'sizes · 4');
    expect(stdout).toMatch(/learningRate +0\.00001|learningRate +1e-5/);
    expect(stdout).toMatch(/McNemar/);
  });

  it('lets a run that lost patience go on to more epochs, with new patience', async () => {
    const slow = ['--data', 'stripes', '--epochs', '9', '--lr', '1e-30', '--set', 'stopping.patience=1'];
    const ended = lines(await receptive('train', 'net.json', ...slow, '--name', 'tired', '--json'));
    const epochs = (events: { event: string; epoch: number }[]) =>
      events.filter(({ event }) => event === 'epoch').map(({ epoch }) => epoch);
    expect(epochs(ended)).toEqual([1, 2]);
    const refused = await receptive('resume', 'tired', '--epochs', '9');
    expect(refused).toMatchObject({
      code: 2,
      stderr: 'tired has 9 epochs: it goes on to more than those.\n',
    });
    const extended = lines(await receptive('resume', 'tired', '--epochs', '12', '--json'));
    expect(epochs(extended)).toEqual([3]);
    expect(extended.at(-1)).toMatchObject({ event: 'end', state: 'finished' });
  });

  it('solves the size formula', async () => {
    const halved = json(await receptive('solve', '--in', '28', '--kernel', '3', '--out', '14', '--json'));
    expect(halved.solutions[0]).toMatchObject({ stride: 2, padding: 1, dilation: 1 });
    const notes = ['solve', '--in', '7', '--kernel', '3', '--padding', '0', '--out', '4'];
    const none = json(await receptive(...notes, '--json'));
    expect(none).toMatchObject({ solutions: [], why: expect.stringContaining('1.333') });
    const changes = none.alternatives.map(({ change }: { change: string }) => change);
    expect(changes).toEqual(expect.arrayContaining(['padding', 'kernel', 'out']));
    const { stdout } = await receptive(...notes);
    expect(stdout).toMatch(/1\.333, which is not whole/);
    expect(stdout).toMatch(/transposed convolution/);
  });

  it('takes one step on given tensors', async () => {
    const each = cases().find(({ name }) => name === 'SGD-momentum')!;
    writeFileSync(join(folder, 'step.json'), formatDocument(each.document));
    writeFileSync(join(folder, 'w.safetensors'), writeSafetensors([...weightsOf(each).values()]));
    writeFileSync(join(folder, 'b.safetensors'), writeSafetensors([...batchOf(each).values()]));
    const files = ['--weights', 'w.safetensors', '--batch', 'b.safetensors', '-o', 'out.safetensors'];
    expect((await receptive('step', 'step.json', ...files)).code).toBe(0);
    const answer = readSafetensors(readFileSync(join(folder, 'out.safetensors'))).tensors;
    const expected = readSafetensors(
      readFileSync(new URL('../oracles/expected/SGD-momentum.safetensors', import.meta.url)),
    ).tensors;
    expect(answer.get('loss')!.values[0]).toBeCloseTo(expected.get('loss')!.values[0]!, 5);
    expect([...answer.keys()]).toEqual(expect.arrayContaining(['output', 'grad.conv.weight', 'head.bias']));
  });
});

describe('bad input', () => {
  it.each([
    ['an unknown command', ['dance'], /no command dance/],
    ['an unknown option', ['models', '--loud'], /--loud/],
    ['a missing option', ['import', 'stripes'], /--name is missing/],
    ['a wrong path', ['import', 'nowhere', '--name', 'n'], /nowhere/],
    ['a file where a folder is wanted', ['import', 'net.json', '--name', 'n'], /net\.json/],
    ['an unknown model', ['new', '--model', 'zeta', '-o', 'z.json'], /no model "zeta"/],
    [
      'an impossible input',
      ['new', '--model', 'lenet', '--input', '1x4x4', '-o', 'z.json'],
      /does not take 1x4x4/,
    ],
    ['a file that is there', ['new', '--model', 'lenet', '-o', 'net.json'], /there already/],
    ['a missing project', ['train', 'none.json', '--data', 'stripes'], /none\.json.*no such file/],
    ['an unknown dataset', ['train', 'net.json', '--data', 'cats'], /no dataset .cats./],
    ['sizes without an input', ['solve', '--kernel', '3'], /--in is missing/],
    ['a wrong number', ['train', 'net.json', '--data', 'stripes', '--epochs', '0'], /--epochs/],
    ['a setting that is not there', ['train', 'net.json', '--data', 'stripes', '--set', 'a.b=1'], /no a\.b/],
    ['a sweep over nothing', ['sweep', 'net.json', '--data', 'stripes'], /--over is missing/],
    [
      'a sweep over no values',
      ['sweep', 'net.json', '--data', 'stripes', '--over', 'lr=1,,2'],
      /between two commas/,
    ],
    ['a comparison with nothing', ['compare', 'net.json', 'nothing'], /no run or file "n/],
    ['a setting out of range', ['train', 'net.json', '--data', 'stripes', '--set', 'seed=-1'], /seed/],
  ])('%s', async (_, args, message) => {
    const before = existsSync(join(folder, 'z.json'));
    const { code, stdout, stderr } = await receptive(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(join(folder, 'z.json'))).toBe(before);
  });

  it.each([
    [
      'a cycle',
      (text: string) => text.replace('"source":"input","target":"conv1"', '"source":"fc3","target":"conv1"'),
      /cycle/,
    ],
    [
      'an unknown kind',
      (text: string) => text.replace('"kind":"Flatten"', '"kind":"Fold"'),
      /layer kind .Fold./,
    ],
    ['a damaged file', (text: string) => text.slice(0, 90), /broken\.json.*no JSON/],
  ])('a project file with %s', async (_, damage, message) => {
    writeFileSync(join(folder, 'broken.json'), damage(readFileSync(join(folder, 'net.json'), 'utf8')));
    const before = json(await receptive('runs', '--json'));
    const { code, stderr } = await receptive('train', 'broken.json', '--data', 'stripes');
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    const runs = json(await receptive('runs', '--json'));
    expect(runs).toEqual(before);
  });
});
