/** `receptive bench`: how fast the engine is on this machine, alone or against PyTorch. */
import { cpus } from 'node:os';
import type { BackendName } from '../../engine/runtime/backend.ts';
import { numberAbove, quoted } from '../arguments.ts';
import { type BenchResult, bench as run } from '../bench/compareWithTorch.ts';
import type { Mode } from '../bench/engineContestant.ts';
import { benchNetworks } from '../bench/networks.ts';
import type { Peak } from '../bench/peak.ts';
import type { ProfileRow } from '../bench/profile.ts';
import type { RepeatedFigure } from '../bench/repeatedFigures.ts';
import {
  type Command,
  type Invocation,
  listOf,
  number,
  paragraphs,
  print,
  table,
  text,
  UsageError,
} from './command.ts';
import { progressBar } from './progress.ts';
import { workerOptions } from './train.ts';
import { chosenBackend, settingOptions } from './trainingSettings.ts';

const names = benchNetworks.map(({ name }) => name);
const modes: readonly Mode[] = ['train', 'infer'];

export const bench: Command = {
  name: 'bench',
  usage: '[--net NAME…] [--against torch] [options]',
  summary: 'Measures images per second, in training and inference; against PyTorch by turns, and the ratio.',
  options: {
    net: { type: 'string', multiple: true, value: 'NAME', help: `${names.join(', ')} (default: all)` },
    mode: { type: 'string', value: 'train|infer', help: 'one of them alone' },
    against: { type: 'string', value: 'torch', help: 'the local PyTorch, at its fastest' },
    python: {
      type: 'string',
      multiple: true,
      value: 'PROGRAM',
      help: 'which Python; several are tried (default: python3)',
    },
    seconds: {
      type: 'string',
      value: 'N',
      help: 'how long each side runs, per network and mode (default: 5)',
      range: numberAbove(0, 3600),
    },
    backend: {
      ...settingOptions.backend,
      multiple: true,
      help: `${settingOptions.backend.help}; several take turns`,
    },
    ...workerOptions,
    profile: { type: 'boolean', help: 'where the time goes, instruction by instruction' },
  },
  positionals: [0, 0],
  async run(invocation) {
    const against = text(invocation, 'against');
    if (against !== undefined && against !== 'torch')
      throw new UsageError(`--against takes torch; it got ${quoted(against)}.`);
    const pythons = listOf(invocation, 'python');
    const options = {
      backends: backendsOf(invocation),
      threads: number(invocation, 'workers') ?? cpus().length,
      seconds: number(invocation, 'seconds') ?? 5,
      pythons: against ? (pythons.length > 0 ? pythons : ['python3']) : [],
      profiles: invocation.values.profile === true,
    };
    const bar = progressBar();
    const results: BenchResult[] = [];
    const wanted = networksOf(invocation).flatMap(network =>
      modesOf(invocation).map(mode => ({ network, mode })),
    );
    for (const [i, { network, mode }] of wanted.entries()) {
      bar.show(i, wanted.length, `${network.name}, ${mode}`);
      results.push(...(await run(network, mode, options)));
    }
    bar.clear();
    print(invocation, { cpu: cpus()[0]?.model, results }, () => readable(results));
    return 0;
  },
};

function backendsOf(invocation: Invocation): BackendName[] {
  const given = listOf(invocation, 'backend');
  return (given.length > 0 ? given : ['auto']).map(backend => chosenBackend(backend).name);
}

function networksOf(invocation: Invocation) {
  const wanted = listOf(invocation, 'net');
  const unknown = wanted.find(name => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`There is no network ${quoted(unknown)}. There are: ${names.join(', ')}.`);
  return benchNetworks.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
}

function modesOf(invocation: Invocation): readonly Mode[] {
  const wanted = text(invocation, 'mode');
  const known = modes.filter(mode => wanted === undefined || mode === wanted);
  if (known.length === 0)
    throw new UsageError(`--mode takes train or infer; it got ${quoted(wanted ?? '')}.`);
  return known;
}

const round = (value: number, digits: number) => Number(value.toPrecision(digits));
const spread = ({ least, most }: RepeatedFigure, digits: number) =>
  `${round(least, digits)}–${round(most, digits)}`;
const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);

function readable(results: readonly BenchResult[]): string[] {
  const isRace = results.some(({ torch }) => torch);
  const headings = ['network', 'mode', 'batch', 'backend', 'images/s', 'least–most', 'MiB', 'start ms'];
  if (isRace) headings.push('PyTorch images/s', 'least–most', 'MiB', 'ratio', 'least–most', 'PyTorch');
  const rows = results.map(({ network, mode, batch, engine, torch, ratio }) => {
    const { imagesPerSecond, peakBytes, backend, startUp } = engine;
    const start = Object.values(startUp).reduce((sum, each) => sum + each, 0);
    const ours = [round(imagesPerSecond.median, 4), spread(imagesPerSecond, 4), mebibytes(peakBytes)];
    const row = [network, mode, batch, backend, ...ours, Math.round(start)];
    if (!torch || !ratio) return row;
    const theirs = [round(torch.imagesPerSecond.median, 4), spread(torch.imagesPerSecond, 4)];
    const compared = [mebibytes(torch.peakBytes), round(ratio.median, 3), spread(ratio, 3)];
    return [...row, ...theirs, ...compared, `${torch.version}, ${torch.variant}`];
  });
  return paragraphs(table(headings, rows), ...results.flatMap(profileText));
}

/** Rows of the profile that are shown; the rest is summed up. */
const PROFILE_ROWS = 40;

function profileText({ network, mode, engine: { profile } }: BenchResult): string[][] {
  if (!profile) return [];
  const { rows, peak } = profile;
  const total = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const lines = rows
    .toSorted((a, b) => b.milliseconds - a.milliseconds)
    .slice(0, PROFILE_ROWS)
    .map(row => profileLine(row, total, peak));
  const [arithmetic, memory, cache] = [peak.flops, peak.memory, peak.cache].map(each => round(each / 1e9, 3));
  const title = `${network}, ${mode}: ${total.toFixed(2)} ms a step; at most ${arithmetic} GFLOP/s, ${memory} GB/s from memory, ${cache} GB/s from the cache`;
  const headings = ['share %', 'ms', 'GFLOP/s', 'GB/s', 'of peak %', 'instruction', 'makes'];
  return [[title, ...table(headings, lines)], kinds(rows, total)];
}

function profileLine(row: ProfileRow, total: number, peak: Peak): (string | number)[] {
  const { milliseconds, flops, bytes, instruction, tensor } = row;
  const rate = (amount: number) => round(amount / milliseconds / 1e6, 3);
  // What bounds it is the slower of the two.
  const bound = 1000 * Math.max(flops / peak.flops, bytes / peak.cache);
  const share = round((100 * milliseconds) / total, 3);
  const ofPeak = Math.round((100 * bound) / milliseconds);
  return [share, round(milliseconds, 3), rate(flops), rate(bytes), ofPeak, instruction, tensor];
}

/** The same, each kind of instruction as one. */
function kinds(rows: readonly ProfileRow[], total: number): string[] {
  const sums = new Map<string, { milliseconds: number; flops: number; count: number }>();
  for (const { instruction, milliseconds, flops } of rows) {
    const sum = sums.get(instruction) ?? { milliseconds: 0, flops: 0, count: 0 };
    sums.set(instruction, {
      milliseconds: sum.milliseconds + milliseconds,
      flops: sum.flops + flops,
      count: sum.count + 1,
    });
  }
  const lines = [...sums]
    .toSorted(([, a], [, b]) => b.milliseconds - a.milliseconds)
    .map(([name, { milliseconds, flops, count }]) => [
      round((100 * milliseconds) / total, 3),
      round(milliseconds, 3),
      round(flops / milliseconds / 1e6, 3),
      count,
      name,
    ]);
  return table(['share %', 'ms', 'GFLOP/s', 'count', 'instruction'], lines);
}
