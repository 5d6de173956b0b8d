/** From a folder of pictures to a network that has learned from a pretrained one, on the command line. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/engine/graph/document.ts';
import { isFrozen } from '../../src/engine/graph/freezing.ts';
import { readTensors } from '../../src/engine/runtime/checkpoint.ts';
import { resource } from '../../src/engine/runtime/fileLocation.ts';
import { receptive as commandLine, type Result } from './inProcess.ts';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
const receptive = (...args: string[]) => commandLine(...args, '--workspace', at('workspace'));
const lines = ({ stdout }: Result) =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));

/** Two classes of small pictures: discs of one colour on noise of the other. */
async function drawDiscs(path: string): Promise<void> {
  for (const [c, name] of ['red', 'green'].entries()) {
    mkdirSync(join(path, name), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const pixels = Buffer.alloc(32 * 32 * 3);
      for (let p = 0; p < 32 * 32; p++) {
        const isIn = Math.hypot((p % 32) - 12 - (i % 8), Math.floor(p / 32) - 16) < 8;
        pixels[3 * p + (isIn ? c : 1 - c)] = 90 + ((p * 31 + i * 17) % 120);
      }
      await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
        .png()
        .toFile(join(path, name, `${i}.png`));
    }
  }
}

/** What a run began with and has now, by name. */
function weightsOf(run: string): ReadonlyMap<string, Float32Array> {
  const files = readdirSync(at('workspace', 'runs', run)).filter(name => name.startsWith('last-'));
  const [newest] = files.sort((a, b) => Number(/\d+/.exec(b)) - Number(/\d+/.exec(a)));
  return new Map(readTensors(at('workspace', 'runs', run, newest!)).map(each => [each.name, each.values]));
}

const given = new Map(
  readTensors(resource('pretrained/efficientnet_lite0.safetensors')).map(each => [each.name, each.values]),
);

/** The layers whose weights or statistics are of the same size and not what they were. */
function changed(before: ReadonlyMap<string, Float32Array>, run: string): Set<string> {
  const differing = [...weightsOf(run)].filter(([name, values]) => {
    const former = before.get(name);
    return former?.length === values.length && values.some((value, i) => value !== former[i]);
  });
  return new Set(differing.map(([name]) => name.replace(/\.\w+$/, '')));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-transfer-'));
  await drawDiscs(at('discs'));
  expect((await receptive('import', at('discs'), '--name', 'discs')).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = ['--epochs', '2', '--batch', '8', '--lr', '0.01', '--backend', 'wasm', '--json'];
const project = () => at('net.json');

describe('transfer', () => {
  let head: string;

  it('makes a project of the dataset: its classes, its size, the weights and what they want', async () => {
    const name = ['--model', 'efficientnet_lite0'];
    const made = await receptive('new', ...name, '--pretrained', '--data', 'discs', '-o', project());
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { graph, training, dataset } = parseDocument(readFileSync(project(), 'utf8'));
    expect(dataset).toBe('discs');
    expect(graph.nodes.input!.params.shape).toEqual([3, 32, 32]);
    expect(graph.nodes.classifier!.params.outFeatures).toBe(2);
    expect(isFrozen(graph.nodes.backbone!)).toBe(true);
    expect(training.start).toEqual({ weights: 'efficientnet_lite0', normalization: 'symmetric' });
  });

  it('trains the head alone, and changes nothing else: no weight, no statistic', async () => {
    const trained = await receptive('train', project(), ...settings, '--name', 'head');
    const end = lines(trained).at(-1);
    expect(end).toMatchObject({ state: 'finished', error: null });
    expect(end.metrics['train.accuracy']).toBeGreaterThan(0.8);
    head = end.run;
    expect(changed(given, head)).toEqual(new Set());
    const [run] = JSON.parse((await receptive('runs', '--json')).stdout);
    expect(run.settings).toMatchObject({ weights: 'efficientnet_lite0', normalization: 'symmetric' });
  });

  it('goes on from that run, with the last stage learning', async () => {
    const opened = ['--from', 'head', '--unfreeze', 'backbone.0.stage7', '--lr', '0.001'];
    const tuned = lines(await receptive('train', project(), ...settings, ...opened, '--name', 'tuned')).at(
      -1,
    );
    expect(tuned).toMatchObject({ state: 'finished', error: null });
    const stage = ['conv_pw', 'bn1', 'conv_dw', 'bn2', 'conv_pwl', 'bn3'];
    expect(changed(given, tuned.run)).toEqual(new Set(stage.map(name => `backbone.0.stage7.0.${name}`)));
    expect(changed(weightsOf(head), tuned.run)).toContain('classifier');
    const runs = JSON.parse((await receptive('runs', '--json')).stdout);
    expect(runs.find(({ name }: { name: string }) => name === 'tuned')).toMatchObject({
      origin: head,
      settings: { normalization: 'symmetric' },
    });
  });

  it('fine-tunes the convolutions of the last stages, and no norm', async () => {
    const tuned = await receptive(
      'train',
      project(),
      ...settings,
      '--from',
      'head',
      '--fine-tune',
      '--name',
      'fine',
    );
    const end = lines(tuned).at(-1);
    expect(end).toMatchObject({ state: 'finished', error: null });
    const layers = [...changed(given, end.run)];
    expect(layers).toContain('backbone.0.stage5.0.rest.1.conv_dw');
    expect(layers.every(name => /stage[567]\..*conv|conv_head/.test(name))).toBe(true);
    expect(layers).toHaveLength(3 * (3 + 4 + 1) + 1);
  });

  it('gives the same as a project that is frozen by hand', async () => {
    const name = ['--model', 'efficientnet_lite0', '--classes', '2', '--input', '3x32x32'];
    await receptive('new', ...name, '-o', at('plain.json'));
    const start = ['start.weights="efficientnet_lite0"', 'start.normalization="symmetric"'];
    const optimizer = ['--optimizer', 'AdamW', ...start.flatMap(each => ['--set', each])];
    const data = ['--data', 'discs', '--freeze', 'backbone.*'];
    const trained = await receptive('train', at('plain.json'), ...settings, ...optimizer, ...data);
    const runs = JSON.parse((await receptive('runs', '--json')).stdout);
    const { weightHash } = runs.find(({ id }: { id: string }) => id === head);
    expect(lines(trained).at(-1).weightHash).toBe(weightHash);
  });
});

describe('what cannot be', () => {
  beforeAll(async () => {
    const small = ['--model', 'lenet', '--data', 'discs', '-o', at('lenet.json')];
    expect((await receptive('new', ...small)).code).toBe(0);
  });

  it.each<[string, string[], RegExp]>([
    [
      'weights that do not come',
      ['new', '--model', 'lenet', '--pretrained', '-o', 'x.json'],
      /They do for: efficientnet_lite0/,
    ],
    [
      'a grey image',
      ['new', '--model', 'efficientnet_lite0', '--pretrained', '--input', '1x64x64', '-o', 'x.json'],
      /see red, green and blue/,
    ],
    [
      'a dataset that is not there',
      ['new', '--model', 'lenet', '--data', 'cats', '-o', 'x.json'],
      /no dataset .cats./,
    ],
    [
      'a pattern that means nothing',
      ['train', 'net.json', '--freeze', 'stem.*'],
      /no layer .* There are: backbone, classifier\./,
    ],
    ['everything frozen', ['train', 'net.json', '--freeze', '*'], /at least one has to learn/],
    [
      'some of a block’s copies',
      ['train', 'plain.json', '--freeze', '*stage4*.bn3'],
      /all copies share one drawing/,
    ],
    ['a run that is not there', ['train', 'net.json', '--from', 'nobody'], /no run .nobody./],
    [
      'weights that are not there',
      ['train', 'net.json', '--set', 'start.weights="resnet9000"'],
      /there are no weights “resnet9000”/,
    ],
    [
      'weights of another network',
      ['train', 'lenet.json', '--set', 'start.weights="efficientnet_lite0"'],
      /None of the weights of EfficientNet-Lite0 fits this network/,
    ],
    [
      'a frozen layer that is not theirs',
      ['train', 'net.json', '--freeze', 'classifier', '--unfreeze', 'backbone'],
      /classifier is frozen, but not all of it comes from .* Its classifier\.weight is 1000×1280, here it is 2×1280\./,
    ],
    [
      'to fine-tune what begins with none',
      ['train', 'lenet.json', '--fine-tune'],
      /this project begins with none/,
    ],
    [
      'numbers that are not there',
      ['train', 'net.json', '--set', 'start.normalization=0'],
      /start\.normalization/,
    ],
  ])('%s is one sentence', async (_, args, sentence) => {
    const own = args.map(each => (each.endsWith('.json') ? at(each) : each));
    const { code, stdout, stderr } = await receptive(...own);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(sentence);
  });
});
