/** `receptive solve`: the size formula, for whatever is not given. */
import {
  type Quantity,
  type SizeSolution,
  type Solution,
  solve,
  type WindowSizes,
} from '../../engine/graph/sizeSolver.ts';
import { wholeFrom } from '../arguments.ts';
import { type Command, type Invocation, number, print, required, table, UsageError } from './command.ts';

/** In pixels. */
const LARGEST_SIZE = 1_000_000;
const SIZE_RANGE = wholeFrom(1, LARGEST_SIZE);

const quantities: readonly Quantity[] = ['in', 'kernel', 'stride', 'padding', 'dilation', 'out'];

/** Answers that a person is shown; JSON has all. */
const SHOWN_SOLUTIONS = 12;

export const solveSizes: Command = {
  name: 'solve',
  usage: '--in N [--kernel K] [--stride S] [--padding P] [--dilation D] [--out M]',
  summary: 'Finds the missing sizes of a window, best first.',
  options: {
    in: { type: 'string', value: 'N', help: 'pixels that come in', range: SIZE_RANGE },
    kernel: { type: 'string', value: 'K', help: 'pixels that the kernel reads', range: SIZE_RANGE },
    stride: { type: 'string', value: 'S', help: 'pixels between two positions', range: SIZE_RANGE },
    padding: {
      type: 'string',
      value: 'P',
      help: 'pixels added on each side',
      range: wholeFrom(0, LARGEST_SIZE),
    },
    dilation: {
      type: 'string',
      value: 'D',
      help: 'distance between the pixels read (1, unless all else is given)',
      range: SIZE_RANGE,
    },
    out: { type: 'string', value: 'M', help: 'pixels that are to come out', range: SIZE_RANGE },
  },
  positionals: [0, 0],
  async run(invocation) {
    required(invocation, 'in');
    const answer = solve(givenBy(invocation));
    if (answer.unknown.length === 0 && answer.solutions.length === 0 && answer.alternatives.length === 0) {
      throw new UsageError('These sizes do not fit together, and no one of them would mend it.');
    }
    print(invocation, answer, () => readable(answer));
    return 0;
  },
};

function givenBy(invocation: Invocation): Partial<WindowSizes> {
  const given: Partial<Record<Quantity, number>> = {};
  for (const name of quantities) {
    const value = number(invocation, name);
    if (value !== undefined) given[name] = value;
  }
  // Dilation is seldom meant: it is the unknown only where nothing else is.
  if (Object.keys(given).length < 5) given.dilation ??= 1;
  return given;
}

function readable({ solutions, why, alternatives, transposed }: SizeSolution): string[] {
  if (why === null) {
    const more = solutions.length > SHOWN_SOLUTIONS ? [`and ${solutions.length - SHOWN_SOLUTIONS} more`] : [];
    return [...rows(solutions.slice(0, SHOWN_SOLUTIONS)), ...more];
  }
  const lines = [`No whole answer: ${why}`];
  if (alternatives.length > 0) lines.push('', 'With another', ...rows(alternatives));
  for (const { kernel, stride, padding } of transposed.slice(0, 1)) {
    lines.push('', `Or a transposed convolution: kernel ${kernel}, stride ${stride}, padding ${padding}`);
  }
  return lines;
}

function rows(solutions: readonly (Solution & { change?: Quantity })[]): string[] {
  const changes = solutions.some(({ change }) => change !== undefined);
  const head = ['in', 'kernel', 'stride', 'padding', 'dilation', 'out', 'unread'];
  return table(
    changes ? ['change', ...head] : head,
    solutions.map(({ change, in: n, kernel, stride, padding, dilation, out, unread }) => {
      const sizes = [n, kernel, stride, padding, dilation, out, unread];
      return changes ? [change ?? '', ...sizes] : sizes;
    }),
  );
}
