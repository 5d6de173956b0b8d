/** Where a step's time goes: each instruction's share, what it computes and what it moves. */
import { type Instruction, type ProgramName, tensorBytes, tensorsOf } from '../../engine/compile/program.ts';
import type { Hyper, Session } from '../../engine/runtime/session.ts';
import { measured } from './repeatedFigures.ts';

export interface ProfileRow {
  /** The instruction, and the tensor that it makes. */
  readonly instruction: string;
  readonly tensor: string;
  /** Median over the steps. */
  readonly milliseconds: number;
  /** Floating-point operations by the definition, whatever way is taken; 0 where there are few. */
  readonly flops: number;
  /** Read and written, each tensor once. */
  readonly bytes: number;
}

/** WebAssembly is not yet at its best in its first steps. */
const WARM_UP_MILLISECONDS = 1000;

/** @param steps how many are looked at */
export function profile(session: Session, program: ProgramName, hyper: Hyper, steps: number): ProfileRow[] {
  const { model } = session;
  const warm = performance.now() + WARM_UP_MILLISECONDS;
  do session.run(program, model.batch, hyper);
  while (performance.now() < warm);
  const runs = Array.from({ length: steps }, () => session.runTimed(program, model.batch, hyper));
  return model.instructions[program].map((instruction, i) => ({
    instruction: instruction.name,
    tensor: makes(instruction),
    milliseconds: measured(runs.map(times => times[i]!)).median,
    flops: flopsOf(instruction, model.batch),
    bytes: bytesOf(instruction, model.realBytes),
  }));
}

function makes(instruction: Instruction): string {
  return tensorsOf(instruction).find(({ isWritten }) => isWritten)?.tensor.name ?? '';
}

/** Of products with a weight: what a layer's MACs count. */
function flopsOf({ name, operands }: Instruction, batch: number): number {
  if (!('kernelHeight' in operands && /^(conv2d|winograd)(Forward|Backward)/.test(name))) return 0;
  const { outChannels, outHeight, outWidth, channels, kernelHeight, kernelWidth, groups } = operands;
  return (2 * batch * outChannels * outHeight * outWidth * kernelHeight * kernelWidth * channels) / groups;
}

function bytesOf(instruction: Instruction, realBytes: number): number {
  const { operands } = instruction;
  const accumulates = !('accumulate' in operands) || operands.accumulate !== 0;
  return tensorsOf(instruction).reduce((sum, { type, tensor }) => {
    const isReadToo = type.startsWith('inout') && accumulates;
    return sum + tensorBytes(tensor, realBytes) * (isReadToo ? 2 : 1);
  }, 0);
}
