/**
 * Benchmarks one network in one mode: our engine, and optionally PyTorch in its fastest configuration. They take turns,
 * so that other load of the machine affects both alike.
 */
import type { BackendName } from '../../engine/runtime/backend.ts';
import { entryFile } from '../entries.ts';
import { Contestant, type Turn } from './contestant.ts';
import type { EngineIntroduction, EngineTask, Mode } from './engineContestant.ts';
import type { BenchNetwork } from './networks.ts';
import { measured, type RepeatedFigure } from './repeatedFigures.ts';
import { describeVariant, enterTorch, type Torch, torchVariants } from './torchContestant.ts';

export interface BenchOptions {
  readonly backends: readonly BackendName[];
  readonly threads: number;
  /** Measured on each side, in all its turns together. */
  readonly seconds: number;
  /** Pythons to try PyTorch in; none: our engine runs alone. */
  readonly pythons: readonly string[];
  readonly profiles: boolean;
}

interface Side {
  readonly imagesPerSecond: RepeatedFigure;
  /** Per CPU second: with one thread, independent of other load. */
  readonly imagesPerCpuSecond: RepeatedFigure;
  readonly peakBytes: number;
}

export interface BenchResult {
  readonly network: string;
  readonly mode: Mode;
  readonly batch: number;
  readonly threads: number;
  readonly engine: Side & EngineIntroduction;
  readonly torch: (Side & { readonly version: string; readonly variant: string }) | null;
  /** Our speed divided by PyTorch's, for each turn. */
  readonly ratio: RepeatedFigure | null;
}

/** Turns of each side. */
const TURNS_PER_SIDE = 7;
const PROFILED_STEPS = 5;
/** How much of the measured seconds each way of PyTorch is tried for. */
const TRIAL_SHARE = 0.1;

/** @returns one result for each backend; all took turns with the same PyTorch */
export async function bench(
  network: BenchNetwork,
  mode: Mode,
  options: BenchOptions,
): Promise<BenchResult[]> {
  const { threads, seconds, pythons } = options;
  const torch = pythons.length > 0 ? await fastestTorch(network, mode, options) : null;
  const engines: Engine[] = [];
  try {
    for (const backend of options.backends) engines.push(await enterEngine(network, mode, backend, options));
    const torchTurns: Turn[] = [];
    for (let i = 0; i < TURNS_PER_SIDE; i++) {
      for (const { contestant, turns } of engines)
        turns.push(await contestant.turn(seconds / TURNS_PER_SIDE));
      if (torch) torchTurns.push(await torch.contestant.turn(seconds / TURNS_PER_SIDE));
    }
    const rates = (taken: readonly Turn[], of: 'seconds' | 'cpuSeconds' = 'seconds') =>
      taken.map(each => (each.steps * network.batch) / each[of]);
    const side = (taken: readonly Turn[]): Side => ({
      imagesPerSecond: measured(rates(taken)),
      imagesPerCpuSecond: measured(rates(taken, 'cpuSeconds')),
      peakBytes: taken.at(-1)!.peakBytes,
    });
    return engines.map(({ introduction, turns }) => ({
      network: network.name,
      mode,
      batch: network.batch,
      threads,
      engine: { ...side(turns), ...introduction },
      torch: torch && {
        ...side(torchTurns),
        version: torch.version,
        variant: describeVariant(torch.variant),
      },
      ratio: torch && measured(rates(turns).map((rate, i) => rate / rates(torchTurns)[i]!)),
    }));
  } finally {
    for (const { contestant } of engines) contestant.leave();
    torch?.contestant.leave();
  }
}

interface Engine {
  readonly contestant: Contestant;
  readonly introduction: EngineIntroduction;
  readonly turns: Turn[];
}

async function enterEngine(
  network: BenchNetwork,
  mode: Mode,
  backend: BackendName,
  { threads, profiles }: BenchOptions,
): Promise<Engine> {
  const profileSteps = profiles ? PROFILED_STEPS : 0;
  const task: EngineTask = { network: network.name, mode, threads, backend, profileSteps };
  const [contestant, introduction] = await Contestant.enter<EngineIntroduction>({
    name: 'The engine',
    command: process.execPath,
    args: [entryFile('benchEngine')],
    task,
  });
  return { contestant, introduction, turns: [] };
}

const rateOf = ({ steps, seconds }: Turn, { batch }: BenchNetwork) => (steps * batch) / seconds;

/** Tries every way of PyTorch for a moment and keeps the fastest. */
async function fastestTorch(
  network: BenchNetwork,
  mode: Mode,
  { pythons, threads, seconds }: BenchOptions,
): Promise<Torch> {
  let best: { torch: Torch; rate: number } | undefined;
  for (const variant of torchVariants(pythons)) {
    const torch = await enterTorch(variant, network, mode, threads);
    const rate = rateOf(await torch.contestant.turn(seconds * TRIAL_SHARE), network);
    const slower = best && best.rate > rate ? torch : best?.torch;
    if (slower !== torch) best = { torch, rate };
    slower?.contestant.leave();
  }
  return best!.torch;
}
