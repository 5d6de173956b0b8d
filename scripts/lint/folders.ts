/**
 * Which folder of src/ may import which, in one table: all that is not in it is refused (folderRules.ts), and
 * docs/architecture.md shows it. A row holds for the folders within, unless they have a row of their own; that of
 * `renderer/*` for each folder of the window that has none, so that a new place needs no line here. Types count as well
 * as values, except those of folders that are named under `types`.
 */

export interface FolderRow {
  /** What is in it. */
  readonly what: string;
  /** Folders of which it may import anything. */
  readonly imports?: readonly string[];
  /** Folders of which it may import types alone: what they would load is not loaded. */
  readonly types?: readonly string[];
  /** Packages, `node:*` for all of Node's own; and files of the repository outside of src/. */
  readonly packages?: readonly string[];
}

/** `within('engine', 'graph', 'layers')`: engine/graph and engine/layers. */
function within(folder: string, ...names: string[]): string[] {
  return names.map(name => `${folder}/${name}`);
}

/** One row for each of several folders. */
function each(folders: readonly string[], row: FolderRow): Record<string, FolderRow> {
  return Object.fromEntries(folders.map(folder => [folder, row]));
}

const kinds = within('engine', 'layers', 'losses', 'optimizers', 'schedules', 'augmentations');
/** Shown under this name in docs/architecture.md. */
export const graphCore = ['engine/graph', ...kinds];
/** What the window knows of the engine: nothing that computes. */
const drawn = [...graphCore, ...within('engine', 'zoo', 'formats')];
const engine = [...drawn, ...within('engine', 'metrics', 'compile', 'runtime')];
const hosts = { imports: ['bridge', 'main'], types: ['main/studio'] };
const datasets = within('main/studio/datasets', 'cache', 'decode', 'formats', 'import', 'versions');
/** What everything that works on datasets needs. */
const shared = ['bridge', 'main', 'main/database', 'main/studio/datasets'];

const react = ['react', '@mantine/core', '@tabler/icons-react'];
const window = [...react, '@mantine/hooks', '@tanstack/*', 'zod', 'zustand'];
const below = within('renderer', 'graphView', 'ui', 'store', 'actions');

const place = { imports: ['bridge', 'experiments', ...drawn, ...below], packages: window };

export const folders: Readonly<Record<string, FolderRow>> = {
  'engine/layers': { what: 'the kinds of layer, one file each', packages: ['zod'] },
  ...each(within('engine', 'losses', 'optimizers', 'schedules', 'augmentations'), {
    what: 'other kinds, one file each',
    imports: ['engine/layers'],
    packages: ['zod'],
  }),
  'engine/graph': {
    what: 'the project document, edits, inference, diagnoses',
    imports: kinds,
    packages: ['zod'],
  },
  'engine/metrics': { what: 'figures of how answers fit, one file each', types: ['engine/graph'] },
  'engine/doctor': {
    what: 'illnesses of runs, recognised from what they recorded, and their remedies',
    imports: graphCore,
  },
  'engine/compile': { what: 'graph → instructions → memory plan → words', imports: graphCore },
  'engine/zoo': { what: 'networks to start from', imports: graphCore },
  'engine/formats': {
    what: 'PyTorch and Keras code, pasted code, safetensors',
    imports: [...graphCore, 'engine/zoo'],
  },
  'engine/kernels': { what: 'C: the virtual machine and the mathematics' },
  'engine/runtime': {
    what: 'memory, threads, training loop, checkpoints',
    imports: [...drawn, ...within('engine', 'metrics', 'compile')],
    packages: ['node:*', 'zod'],
  },
  bridge: {
    what: 'the contract between window and studio, and the transport',
    types: ['engine/graph'],
    packages: ['birpc', 'msgpackr'],
  },
  experiments: {
    what: 'what runs are planned and compared by, pure: filters, sweeps, statistics, reports',
    imports: graphCore,
    types: ['bridge'],
  },
  main: {
    what: 'what the studio, its hosts and the command line share: errors, terminal, files, supervisor',
    imports: ['bridge', 'experiments', 'engine/formats', 'main/database'],
    types: ['main/studio'],
    packages: ['node:*', 'zod', 'package.json'],
  },
  'main/database': {
    what: 'SQLite: schema, migrations, queries, the lock, the seal, backups',
    imports: ['bridge', 'main', 'engine/graph'],
    types: ['engine/runtime'],
    packages: ['better-sqlite3', 'msgpackr', 'node:*', 'zod'],
  },
  'main/studio': {
    what: 'the studio process: services, the door',
    imports: [
      ...engine,
      ...['bridge', 'experiments', 'main', 'main/database'],
      ...['main/studio/explain', 'main/studio/datasets', ...datasets],
    ],
    packages: ['node:*', 'zod'],
  },
  'main/studio/explain': {
    what: 'answers to what Explain asks',
    imports: [...engine, ...shared, ...datasets, 'main/studio'],
    packages: ['node:*', 'zod'],
  },
  'main/studio/datasets': {
    what: 'datasets as the studio serves them, their limits and jobs',
    imports: [...engine, 'bridge', 'main', 'main/database', ...datasets],
    packages: ['node:*', 'sharp'],
  },
  'main/studio/datasets/import': {
    what: 'folders become pixels and rows',
    imports: [...shared, ...within('main/studio/datasets', 'cache', 'decode', 'formats', 'versions')],
    packages: ['node:*'],
  },
  'main/studio/datasets/formats': {
    what: 'the forms that a folder can have, one file each',
    imports: [...shared, ...within('main/studio/datasets', 'decode', 'import')],
    packages: ['csv-parse', 'node:*', 'zod'],
  },
  'main/studio/datasets/decode': {
    what: 'files become pixels, in threads and processes',
    imports: ['engine/layers', 'engine/runtime', ...shared, 'main/studio/datasets/import'],
    types: ['main/studio/datasets/formats'],
    packages: ['node:*', 'sharp'],
  },
  'main/studio/datasets/cache': {
    what: 'the images as they are kept, and their repair',
    imports: [
      ...['engine/layers', 'engine/runtime', ...shared],
      ...within('main/studio/datasets', 'decode', 'formats', 'import', 'versions'),
    ],
    packages: ['node:*'],
  },
  'main/studio/datasets/versions': {
    what: 'splits, edits, copies and fingerprints',
    imports: [...shared, 'main/studio/datasets/decode'],
    packages: ['node:*'],
  },
  'main/web': { what: 'the host of windows in a browser', ...hosts, packages: ['node:*', 'ws', 'zod'] },
  'main/desktop': { what: 'the host of windows on the desktop', ...hosts, packages: ['electron', 'node:*'] },
  'main/bench': {
    what: 'the engine against its rivals',
    imports: [...engine, 'main'],
    packages: ['node:*'],
  },
  'main/cli': {
    what: 'the command line, over the same services',
    imports: [
      ...[...engine, 'bridge', 'experiments', 'main', 'main/database', 'main/bench', 'main/web'],
      ...['main/studio', 'main/studio/explain', 'main/studio/datasets', ...datasets],
    ],
    packages: ['node:*', 'zod'],
  },
  'renderer/styles': { what: 'colours, type, spacing', packages: ['@mantine/core'] },
  'renderer/ui': {
    what: 'parts that know nothing of this program but its words: fields, charts, pictures, lists',
    imports: ['bridge', 'engine/graph', 'engine/layers'],
    packages: [...window, '@mantine/notifications', 'echarts', 'match-sorter', 'uplot'],
  },
  'renderer/store': {
    what: 'what the window knows, and how it hears of it',
    imports: ['bridge', 'experiments', ...drawn],
    packages: ['@tanstack/*', 'birpc', 'react', 'zod', 'zundo', 'zustand'],
  },
  'renderer/actions': {
    what: 'what an action is, keys, the registry',
    imports: ['renderer/store', 'renderer/ui'],
    packages: window,
  },
  'renderer/graphView': {
    what: 'nodes, edges and their geometry, as several places draw them',
    imports: ['bridge', ...drawn, 'renderer/actions', 'renderer/store', 'renderer/ui'],
    packages: [...window, '@xyflow/react'],
  },
  'renderer/*': {
    ...place,
    what: 'a place, or what stands over or around all of them: Data, Explain; projects; header, rail, status bar',
  },
  'renderer/design': {
    ...place,
    what: 'the place Design: canvas, palette, inspector, code',
    packages: [...window, '@dagrejs/dagre', '@xyflow/react', 'match-sorter', 'react-dom'],
  },
  'renderer/train': {
    ...place,
    what: 'the place Train',
    imports: [...place.imports, 'engine/doctor'],
  },
  'renderer/runs': {
    ...place,
    what: 'the place Runs',
    packages: [...window, 'echarts', 'hyparquet-writer'],
  },
  'renderer/compare': {
    ...place,
    what: 'a dialog over all places: two networks side by side',
    packages: [...window, '@xyflow/react'],
  },
  renderer: {
    what: 'the application: the list of places, and the entry of each host',
    imports: ['bridge', 'experiments', ...drawn, 'renderer/*'],
    packages: [...window, '@fontsource-variable/inter', '@mantine/notifications', 'react-dom'],
  },
};
