/**
 * One run, killed twenty times at instants that chance chooses and taken up again each time by the command line,
 * ends in the same weights as one that nobody touched. All that acts by chance and all that is kept from step to
 * step takes part: augmentation, FGSM among it, dropout, noise, Adam, a plateau schedule, averages of weights, the best epoch.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatDocument, newDocument } from '../../src/engine/graph/document.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const main = fileURLToPath(new URL('../../src/main/cli/main.ts', import.meta.url));
const KILLS = 20;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-killing-'));
  const graph = chain([
    ['Input', 'input', { shape: [3, 32, 32] }],
    ['Conv2d', 'conv', { outChannels: 4, stride: [4, 4] }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'relu'],
    ['Dropout', 'dropout', { p: 0.2 }],
    ['GaussianNoise', 'noise', { std: 0.05 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 10 }],
  ]);
  const document = newDocument('doomed', graph);
  const training = {
    ...document.training,
    epochs: 40,
    batchSize: 300,
    optimizer: { kind: 'Adam', params: {} },
    learningRate: 0.01,
    schedule: { kind: 'ReduceLROnPlateau', params: { patience: 0, threshold: 0.1 } },
    regularisation: { ...document.training.regularisation, ema: 0.8, clipNorm: 1 },
    stopping: { ...document.training.stopping, restoreBest: true },
    augmentations: [
      { kind: 'RandomHorizontalFlip', params: {} },
      { kind: 'GaussianNoise', params: {} },
      { kind: 'RandomErasing', params: {} },
      { kind: 'FGSM', params: { p: 0.3 } },
    ],
  };
  writeFileSync(join(folder, 'net.json'), formatDocument({ ...document, training }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command that trains. @param patience steps after which it is killed; without it, it may end */
async function training(args: string[], workspace: string, patience?: number): Promise<string | undefined> {
  const all = [main, ...args, '--json', '--workers', '2', '--workspace', join(folder, workspace)];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let [steps, hash]: [number, string | undefined] = [0, undefined];
  for await (const line of createInterface(child.stdout)) {
    const event = JSON.parse(line) as { event: string; weightHash?: string };
    if (event.event === 'step' && ++steps === patience) child.kill('SIGKILL');
    if (event.event === 'end') hash = event.weightHash;
  }
  await exited;
  return hash;
}

it('ends as if nothing had happened', async () => {
  const args = ['train', join(folder, 'net.json'), '--data', 'shapes', '--name', 'doomed'];
  const whole = await training(args, 'quiet');
  expect(whole).toMatch(/^[0-9a-f]{64}$/);
  let random = 12345;
  let hash = await training(args, 'violent', 9);
  let kills = 1;
  // A machine that prints much later than it computes may be done before; it was killed often enough then.
  for (; kills < KILLS && hash === undefined; kills++) {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    hash = await training(['resume', 'doomed'], 'violent', 1 + ((random >>> 16) % 12));
  }
  expect(kills).toBeGreaterThan(2);
  hash ??= await training(['resume', 'doomed'], 'violent');
  expect(hash).toBe(whole);
}, 600_000);
