/** The benchmark as a person runs it: figures that belong together, against PyTorch where a Python has it. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { BenchResult } from '../../src/main/bench/compareWithTorch.ts';

const main = fileURLToPath(new URL('../../src/main/cli/main.ts', import.meta.url));

function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, [main, 'bench', ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const options = ['--net', 'simple_cnn', '--workers', '2', '--seconds', '0.1', '--json'];

it('measures training and inference, and where the time goes', async () => {
  const { code, stdout } = await bench(...options, '--profile');
  expect(code).toBe(0);
  const results: BenchResult[] = JSON.parse(stdout).results;
  expect(results.map(({ mode }) => mode)).toEqual(['train', 'infer']);
  for (const { engine, torch, ratio } of results) {
    expect([torch, ratio]).toEqual([null, null]);
    const { least, median, most } = engine.imagesPerSecond;
    expect(least).toBeGreaterThan(0);
    expect([least, median, most]).toEqual([least, median, most].toSorted((a, b) => a - b));
    expect(engine.peakBytes).toBeGreaterThan(0);
    const { rows, peak } = engine.profile!;
    expect(Math.min(peak.flops, peak.memory, peak.cache)).toBeGreaterThan(0);
    // By hand: 14²·4·9 + 7²·8·36 + 4²·16·72 + 2²·32·144 + 10·288 MACs for each of 64 images.
    const forward = rows.filter(({ instruction }) => instruction === 'conv2dForward');
    expect(forward.reduce((sum, { flops }) => sum + flops, 0)).toBe(2 * 64 * 60_912);
    expect(rows.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
  }
});

it('says in one sentence what is not there', async () => {
  const none = await bench(...options, '--against', 'torch', '--python', 'no-such-python');
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(/^PyTorch of no-such-python cannot run: .*ENOENT\n$/);
  expect((await bench('--net', 'nothing')).stderr).toMatch(/no network "nothing".*simple_cnn/);
  expect((await bench('--against', 'caffe')).stderr).toMatch(/--against takes torch/);
});

const hasTorch = spawnSync('python3', ['-c', 'import torch']).status === 0;

it.runIf(hasTorch)('races PyTorch on the same network', async () => {
  const { stdout } = await bench(...options, '--mode', 'train', '--against', 'torch');
  const [result] = JSON.parse(stdout).results as BenchResult[];
  expect(result!.torch!.imagesPerSecond.median).toBeGreaterThan(0);
  expect(result!.torch!.version).toMatch(/^\d+\.\d+/);
  expect(result!.ratio!.least).toBeGreaterThan(0);
});
