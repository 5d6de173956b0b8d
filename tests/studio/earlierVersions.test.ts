/**
 * What earlier versions wrote still opens and goes on: `tests/fixtures/version-*` hold a workspace and project files
 * as that version left them, and are never written anew. The figures below are those that the version itself printed.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Project } from '../../src/bridge/projectCalls.ts';
import { openServices, type Services } from '../../src/main/studio/services.ts';
import { receptive } from '../cli/inProcess.ts';

const fixture = join(import.meta.dirname, '../fixtures/version-0.1');

let folder: string;
let workspace: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-earlier-'));
  workspace = join(folder, 'workspace');
  cpSync(join(fixture, 'workspace'), workspace, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function answer(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await receptive(...args, '--workspace', workspace, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('A workspace of version 0.1', () => {
  test('lists its runs', async () => {
    const runs = (await answer('runs')) as { name: string; state: string; epoch: number }[];
    expect(runs.map(({ name, state, epoch }) => ({ name, state, epoch }))).toEqual([
      { name: 'stopped', state: 'stopped', epoch: 16 },
      { name: 'rates · 2', state: 'finished', epoch: 3 },
      { name: 'rates · 1', state: 'finished', epoch: 3 },
      { name: 'finished', state: 'finished', epoch: 12 },
    ]);
  });

  test('has the weights that it was left with', async () => {
    const evaluated = await answer('evaluate', 'finished', '--backend', 'wasm');
    expect(evaluated).toMatchObject({
      images: 6,
      figures: { loss: 1.0475315352280934, accuracy: 4 / 6, precision: 0.7777777777777777, recall: 13 / 18 },
    });
  });

  test('goes on with a run that was stopped, to the same weights', async () => {
    const { code, stdout } = await receptive('resume', 'stopped', '--workspace', workspace);
    expect(code).toBe(0);
    expect(stdout).toContain('aebbaa3402dd075aa7c18c7b4bfe38015650860a11da5b871de20d6583697546');
  });

  test('opens its project, its block in the library and its dataset', async () => {
    const services = await openServices({
      workspace,
      roots: [],
      workers: 1,
      yields: false,
      what: 'a test',
      emit() {},
    });
    try {
      expect(namesIn(services)).toEqual({ projects: ['With a block'], blocks: ['stage'] });
      const [{ document }] = services.projects.list().map(({ id }) => services.projects.open(id)) as [
        Project,
      ];
      expect(document.graph.frames && Object.values(document.graph.frames)).toMatchObject([
        { title: 'Features' },
      ]);
      expect(services.unclaimed).toBeNull();
    } finally {
      await services.close();
    }
    expect(await answer('dataset', 'Marks')).toMatchObject({ count: 48, classes: ['bar', 'dot', 'ring'] });
  });
});

function namesIn({ projects, library }: Services): { projects: string[]; blocks: string[] } {
  const names = (these: readonly { name: string }[]) => these.map(({ name }) => name);
  return { projects: names(projects.list()), blocks: names(library.list()) };
}

describe('A project file of version 0.1', () => {
  test.each([
    ['withBlock.json', 1939, 11_952],
    ['resnet18.json', 11_182_668, 148_051_968],
  ])('%s opens with the costs that it had', async (name, parameters, macs) => {
    expect(await answer('inspect', join(fixture, name))).toMatchObject({
      totals: { params: parameters, macs },
    });
  });

  test('is written with all that was read, and with new settings off', async () => {
    const services = await openServices({
      workspace,
      roots: [],
      workers: 1,
      yields: false,
      what: 'a test',
      emit() {},
    });
    try {
      const text = readFileSync(join(fixture, 'resnet18.json'), 'utf8');
      const written = JSON.parse(
        services.projects.exportProject(services.projects.importProject(text).id).text,
      );
      expect(written).toMatchObject(JSON.parse(text));
      expect(written.training).toMatchObject({
        start: { weights: 'none', normalization: 'dataset' },
        rates: [],
      });
    } finally {
      await services.close();
    }
  });
});
