/**
 * One network in one mode: our engine, and where it is asked for PyTorch at its fastest, turn by turn in the same
 * minutes, so that what else the machine does falls on both alike.
 */
import type { BackendName } from '../../engine/runtime/backend.ts';
import { entryFile } from '../entries.ts';
import { Contestant, type Turn } from './contestant.ts';
import type { EngineIntroduction, EngineTask, Mode } from './engine.ts';
import type { BenchNetwork } from './networks.ts';
import { type Measured, measured } from './statistics.ts';
import { describeVariant, enterTorch, type Torch, torchVariants } from './torch.ts';

export interface BenchOptions {
  readonly backend: BackendName;
  readonly threads: number;
  /** Measured on each side, in all its turns together. */
  readonly seconds: number;
  /** Pythons to try PyTorch in; none: our engine runs alone. */
  readonly pythons: readonly string[];
  readonly profiles: boolean;
}

interface Side {
  readonly imagesPerSecond: Measured;
  readonly peakBytes: number;
}

export interface BenchResult {
  readonly network: string;
  readonly mode: Mode;
  readonly batch: number;
  readonly threads: number;
  readonly engine: Side & EngineIntroduction;
  readonly torch: (Side & { readonly version: string; readonly variant: string }) | null;
  /** Ours by PyTorch's, turn by turn. */
  readonly ratio: Measured | null;
}

/** Turns of each side. */
const TURNS = 7;
const PROFILED_STEPS = 5;
/** How much of the measured seconds each way of PyTorch is tried for. */
const TRIAL = 0.1;

export async function bench(network: BenchNetwork, mode: Mode, options: BenchOptions): Promise<BenchResult> {
  const { threads, seconds, pythons, profiles } = options;
  const torch = pythons.length > 0 ? await fastestTorch(network, mode, options) : null;
  const task: EngineTask = {
    network: network.name,
    mode,
    threads,
    backend: options.backend,
    profileSteps: profiles ? PROFILED_STEPS : 0,
  };
  const [engine, introduction] = await Contestant.enter<EngineIntroduction>({
    name: 'The engine',
    command: process.execPath,
    args: [entryFile('benchEngine')],
    task,
  });
  try {
    const turns = { engine: [] as Turn[], torch: [] as Turn[] };
    for (let i = 0; i < TURNS; i++) {
      turns.engine.push(await engine.turn(seconds / TURNS));
      if (torch) turns.torch.push(await torch.contestant.turn(seconds / TURNS));
    }
    const side = (taken: readonly Turn[]): Side => ({
      imagesPerSecond: measured(taken.map(turn => rateOf(turn, network))),
      peakBytes: taken.at(-1)!.peakBytes,
    });
    const ratios = turns.torch.map((turn, i) => rateOf(turns.engine[i]!, network) / rateOf(turn, network));
    return {
      network: network.name,
      mode,
      batch: network.batch,
      threads,
      engine: { ...side(turns.engine), ...introduction },
      torch: torch && {
        ...side(turns.torch),
        version: torch.version,
        variant: describeVariant(torch.variant),
      },
      ratio: torch && measured(ratios),
    };
  } finally {
    engine.leave();
    torch?.contestant.leave();
  }
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
    const rate = rateOf(await torch.contestant.turn(seconds * TRIAL), network);
    const slower = best && best.rate > rate ? torch : best?.torch;
    if (slower !== torch) best = { torch, rate };
    slower?.contestant.leave();
  }
  return best!.torch;
}
