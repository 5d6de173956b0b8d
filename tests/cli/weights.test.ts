/** `receptive weights`: what is in a file, which network it fits, and what is no such file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { weightSlots } from '../../src/engine/formats/weightSlots.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { sizeOf } from '../../src/engine/layers/shape.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { type GivenTensor, torchArchive } from '../formats/torchArchive.ts';
import { receptive } from './inProcess.ts';

const example = (name: string) =>
  fileURLToPath(new URL(`../oracles/expected/torchFiles/${name}.pth`, import.meta.url));

let folder: string;
const at = (name: string) => join(folder, name);

/** Weights of LeNet for seven classes, behind a prefix of DataParallel. */
function lenetTensors(): GivenTensor[] {
  return weightSlots(infer(zooModel('lenet')!.build([1, 28, 28], 7))).map(({ name, shape }) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + name.length));
    return { name: `module.${name}`, shape, values };
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-weights-'));
  writeFileSync(at('lenet.pth'), torchArchive(lenetTensors()));
  await receptive('new', '--model', 'lenet', '--classes', '3', '-o', at('three.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('tells what is in a checkpoint, and what is not read of it', async () => {
  const { code, stdout } = await receptive('weights', example('checkpoint'));
  expect(code).toBe(0);
  expect(stdout).toContain('PyTorch, 9 tensors, 56 numbers (1 kB as float32), in state_dict\n');
  expect(stdout).toContain('not read: epoch, arch, best, optimizer, lr_scheduler\n');
  expect(stdout).toMatch(/^module\.1\.num_batches_tracked +one number +int64$/m);
  expect(stdout).toContain('It fits no network of the zoo');
});

it('recognises the network, its classes and its channels', async () => {
  const { stdout } = await receptive('weights', at('lenet.pth'), '--json');
  const { fits, tensors } = JSON.parse(stdout);
  expect(tensors).toHaveLength(10);
  expect(fits[0]).toMatchObject({
    ...{ model: 'lenet', classes: 7, input: [1, 28, 28], ofNetwork: 1, ofFile: 1 },
    ...{ taken: 10, missing: 0, otherShape: 0, leftOver: 0 },
  });
  const said = await receptive('weights', at('lenet.pth'));
  expect(said.stdout).toMatch(/\(lenet\), 7 classes: fits as it is\n$/);
});

it('shows where each tensor goes in a project, and in a network of the zoo', async () => {
  const own = await receptive('weights', at('lenet.pth'), '--project', at('three.json'));
  expect(own.stdout).toMatch(/^fc3\.weight +3×84 +module\.fc3\.weight +7×84 +other shape, by name +skip$/m);
  expect(own.stdout).toMatch(/\n8 taken, .* 0 missing, 2 of another shape, 0 left over\n$/);
  const zoo = await receptive('weights', at('lenet.pth'), '--model', 'lenet', '--json');
  expect(JSON.parse(zoo.stdout).matches.every(({ choice }: { choice: string }) => choice === 'take')).toBe(
    true,
  );
});

it('writes what is taken by the names of the network, as a person chooses', async () => {
  const given = ['weights', at('lenet.pth'), '--project', at('three.json')];
  const chosen = [...given, '--choose', 'conv1.bias=skip', '-o', at('out.safetensors')];
  expect(await receptive(...chosen)).toMatchObject({ code: 0, stderr: '' });
  const { tensors } = readSafetensors(readFileSync(at('out.safetensors')));
  expect([...tensors.keys()]).toEqual([
    ...['conv1.weight', 'conv2.weight', 'conv2.bias'],
    ...['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'],
  ]);
  const wanted = lenetTensors().find(({ name }) => name === 'module.fc2.weight')!;
  expect(tensors.get('fc2.weight')).toEqual({ ...wanted, name: 'fc2.weight' });
  const again = await receptive(...chosen);
  expect(again).toMatchObject({ code: 2, stdout: '' });
  expect(again.stderr).toMatch(/there already/);
});

it('writes nothing in part', async () => {
  const tensors = lenetTensors();
  tensors.at(-1)!.values[3] = Number.NaN;
  writeFileSync(at('broken.pth'), torchArchive(tensors));
  const before = readdirSync(folder);
  for (const [args, sentence] of [
    [['--model', 'lenet'], /holds numbers that are infinite or none/],
    [['--model', 'resnet18'], /nothing was written/],
    [[], /-o wants --model or --project/],
    [['--choose', 'fc3.bias=skip'], /--choose wants --model or --project/],
    [['--model', 'lenet', '--choose', 'fc9.bias=skip'], /no weight "fc9\.bias"/],
    [['--model', 'lenet', '--choose', 'fc3.bias=reshape'], /cannot be chosen to reshape/],
    [['--model', 'lenet', '--choose', 'fc3.bias'], /--choose takes a weight and what to do/],
  ] as const) {
    const { code, stdout, stderr } = await receptive(
      ...['weights', at('broken.pth'), ...args, '-o', at('none.safetensors')],
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  }
  expect(readdirSync(folder)).toEqual(before);
});

it.each([
  ['a file that holds code', example('system'), /: The file asks for posix\.system, which is no tensor; /],
  ['a folder', tmpdir(), /cannot be read: it is no regular file\.$/],
  ['a file that is not there', '/nowhere/at/all.pth', /cannot be read: there is no such file or folder\.$/],
  ['text', fileURLToPath(new URL('../../package.json', import.meta.url)), /: The file is text \(JSON\)/],
])('%s is refused in one sentence', async (_, path, sentence) => {
  const { code, stdout, stderr } = await receptive('weights', path);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trimEnd()).toMatch(sentence);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

it('asks for one network at a time, and for one that there is', async () => {
  const both = await receptive('weights', at('lenet.pth'), '--model', 'lenet', '--project', at('three.json'));
  expect(both).toMatchObject({ code: 2, stdout: '' });
  const none = await receptive('weights', at('lenet.pth'), '--model', 'zeta');
  expect(none).toMatchObject({ code: 2, stdout: '' });
  expect(none.stderr).toMatch(/no model "zeta"/);
});
