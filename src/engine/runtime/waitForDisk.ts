/** How a trainer waits for the disk: for room to write a checkpoint, and until what it said can be recorded. */
import type { TensorSource } from '../formats/safetensors.ts';
import { sizeOf } from '../layers/shape.ts';
import {
  trainerCommands as commands,
  isPassing,
  refusalOf,
  type TrainerMessage,
  trainerControl as words,
} from './trainerMessages.ts';

/** Milliseconds between two attempts to write what the disk refused: at first, and at most. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** Milliseconds between two looks whether it is held still. */
const PAUSE_POLL_MS = 200;
const FLOAT_BYTES = 4;

/** Writes; where the disk refuses, again and again until it does not. @returns false when told to stop before */
export function whenThereIsRoom(
  write: () => void,
  path: string,
  tensors: readonly TensorSource[],
  command: Int32Array,
  post: (message: TrainerMessage) => void,
): boolean {
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(2 * wait, LONGEST_RETRY_MS)) {
    try {
      write();
      if (wait > FIRST_RETRY_MS) post({ type: 'resumed' });
      return true;
    } catch (error) {
      const refusal = refusalOf(error);
      if (!isPassing(refusal)) throw error;
      if (Atomics.load(command, words.command) === commands.stop) return false;
      const bytes = tensors.reduce((sum, { shape }) => sum + FLOAT_BYTES * sizeOf(shape), 0);
      if (wait === FIRST_RETRY_MS) post({ type: 'waiting', path, bytes, refusal });
      rest(command, wait);
    }
  }
}

export function restWhileHeld(command: Int32Array): void {
  const isHeld = () => Atomics.load(command, words.held) === 1;
  while (isHeld() && Atomics.load(command, words.command) !== commands.stop) rest(command, PAUSE_POLL_MS);
}

/** Waits, but no longer than until it is told something else. */
function rest(command: Int32Array, milliseconds: number): void {
  Atomics.wait(command, words.command, Atomics.load(command, words.command), milliseconds);
}
