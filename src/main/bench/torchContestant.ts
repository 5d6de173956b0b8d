/**
 * PyTorch as a contestant: the local Python with the network as our own exporter writes it, in the ways that make
 * it fastest. Which of them is, is found out by trying.
 */
import { codeText } from '../../engine/formats/code.ts';
import { pytorchCode } from '../../engine/formats/pytorch.ts';
import { inputsOf } from '../../engine/graph/headAnswers.ts';
import { infer } from '../../engine/graph/infer.ts';
import { resource } from '../../engine/runtime/fileLocation.ts';
import { Contestant } from './contestant.ts';
import type { Mode } from './engineContestant.ts';
import { type BenchNetwork, benchDocument } from './networks.ts';

export interface TorchVariant {
  readonly python: string;
  readonly channelsLast: boolean;
  /** Whether large buffers go back to the system after use, as is the default. */
  readonly keepsBuffers: boolean;
}

export interface Torch {
  readonly variant: TorchVariant;
  readonly version: string;
  readonly contestant: Contestant;
}

/** glibc then keeps what a step frees for the next one, which saves page faults. */
const KEEPS_BUFFERS = {
  MALLOC_MMAP_THRESHOLD_: '2000000000',
  MALLOC_TRIM_THRESHOLD_: '4000000000',
  MALLOC_TOP_PAD_: '100000000',
};

export function torchVariants(pythons: readonly string[]): TorchVariant[] {
  return pythons.flatMap(python =>
    [false, true].flatMap(channelsLast =>
      [false, true].map(keepsBuffers => ({ python, channelsLast, keepsBuffers })),
    ),
  );
}

export function describeVariant({ channelsLast, keepsBuffers }: TorchVariant): string {
  return `${channelsLast ? 'channels last' : 'default layout'}, ${keepsBuffers ? 'buffers kept' : 'default allocator'}`;
}

/** @throws UserError where that Python or its PyTorch does not run */
export async function enterTorch(
  variant: TorchVariant,
  network: BenchNetwork,
  mode: Mode,
  threads: number,
): Promise<Torch> {
  const { training, graph, name } = benchDocument(network);
  const inference = infer(graph);
  const shapeOf = (id: string) => inference.nodes.get(id)!.figures!.shape;
  const [classes, ...extents] = shapeOf(inference.order.at(-1)!);
  const task = {
    code: codeText(pytorchCode(name, inference)),
    mode,
    threads,
    batch: network.batch,
    input: shapeOf(inputsOf(inference)[0]!),
    classes,
    extents,
    channelsLast: variant.channelsLast,
    learningRate: training.learningRate,
    momentum: training.optimizer.params.momentum,
  };
  const [contestant, { version }] = await Contestant.enter<{ version: string }>({
    name: `PyTorch of ${variant.python}`,
    command: variant.python,
    args: [resource('torchBench.py')],
    env: {
      OMP_NUM_THREADS: String(threads),
      ...(variant.keepsBuffers && KEEPS_BUFFERS),
    },
    task,
  });
  return { variant, version, contestant };
}
