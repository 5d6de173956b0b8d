/**
 * Joins a batch normalisation and the ReLU or ReLU6 behind it, forward and backward: one pass over memory where there
 * would be two, and neither the normalised values nor their gradient are ever stored. The slope of the cut is found
 * from the normalisation's input. It refuses where anybody else reads what would be gone.
 */
import type { Tensor } from '../layers/lowering.ts';
import type { Instruction } from './program.ts';

type Uses = ReadonlyMap<Tensor, readonly Instruction[]>;

function usesIn(instructions: readonly Instruction[]): Uses {
  const uses = new Map<Tensor, Instruction[]>();
  for (const instruction of instructions)
    for (const operand of new Set(Object.values(instruction.operands))) {
      if (operand === null || typeof operand !== 'object') continue;
      const known = uses.get(operand);
      if (known) known.push(instruction);
      else uses.set(operand, [instruction]);
    }
  return uses;
}

const RELU6 = 0;

/** What an activation cuts off above zero's other side; null where it is no cut. */
function ceilingOf({ name, operands }: Instruction): number | null {
  if (name === 'reluForward') return Number.POSITIVE_INFINITY;
  return name === 'activationForward' && operands.function === RELU6 ? 6 : null;
}

/** A cut's backward pass, and those of the normalisation that read what it writes. */
interface Backward {
  readonly cut: Instruction;
  readonly readers: readonly Instruction[];
}

/** @returns null where somebody else reads the gradient, undefined where there is none */
function backwardOf(uses: Uses, norm: Instruction, cut: Instruction): Backward | null | undefined {
  const y = cut.operands.y as Tensor;
  const cuts = uses
    .get(y)!
    .filter(
      ({ name, operands }) =>
        (name === 'reluBackward' && operands.y === y) ||
        (name === 'activationBackward' && operands.kept === y),
    );
  const [backward] = cuts;
  if (!backward) return undefined;
  if (cuts.length > 1 || backward.operands.accumulate !== 0) return null;
  const gradient = backward.operands.dx as Tensor;
  const readers = uses.get(gradient)!.filter(each => each !== backward);
  const isOwn = ({ name, operands }: Instruction) =>
    (name === 'batchNormBackwardStatistics' || name === 'batchNormBackwardInput') &&
    operands.dy === gradient &&
    operands.dx !== gradient &&
    operands.x === norm.operands.x;
  return readers.every(isOwn) ? { cut: backward, readers } : null;
}

/** @param kept tensors that a host reads after the run. @returns the same program with less to do */
export function fuseCuts(instructions: readonly Instruction[], kept: ReadonlySet<Tensor>): Instruction[] {
  const uses = usesIn(instructions);
  const changed = new Map<Instruction, Instruction | null>();
  for (const norm of instructions) {
    if (norm.name !== 'batchNormForward') continue;
    const between = norm.operands.y as Tensor;
    const [cut, ...others] = uses.get(between)!.filter(each => each !== norm);
    const ceiling = cut ? ceilingOf(cut) : null;
    if (!cut || ceiling === null || others.length > 0 || kept.has(between)) continue;
    const backward = backwardOf(uses, norm, cut);
    if (backward === null) continue;
    changed.set(norm, { ...norm, operands: { ...norm.operands, y: cut.operands.y!, ceiling } });
    changed.set(cut, null);
    if (!backward) continue;
    changed.set(backward.cut, null);
    const dy = backward.cut.operands.dy!;
    for (const reader of backward.readers)
      changed.set(reader, { ...reader, operands: { ...reader.operands, dy, ceiling } });
  }
  return instructions.flatMap(each => {
    const now = changed.get(each);
    return now === null ? [] : [now ?? each];
  });
}
