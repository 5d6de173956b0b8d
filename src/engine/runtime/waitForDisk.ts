/** How a trainer waits for the disk: until a checkpoint can be written, and until its messages can be recorded. */
import type { TensorSource } from '../formats/safetensors.ts';
import { sizeOf } from '../layers/shape.ts';
import {
  trainerCommands as commands,
  isPassing,
  refusalOf,
  type TrainerMessage,
  trainerControl as words,
} from './trainerMessages.ts';

/** Milliseconds between two attempts to write: the first, and the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** Milliseconds between two checks whether it is still held. */
const PAUSE_POLL_MS = 200;
const FLOAT_BYTES = 4;

/** Writes, and retries while the disk refuses. @returns false where the run was stopped before it succeeded */
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
      sleep(command, wait);
    }
  }
}

export function restWhileHeld(command: Int32Array): void {
  const isHeld = () => Atomics.load(command, words.held) === 1;
  while (isHeld() && Atomics.load(command, words.command) !== commands.stop) sleep(command, PAUSE_POLL_MS);
}

/** Sleeps, but no longer than until the command word changes. */
function sleep(command: Int32Array, milliseconds: number): void {
  Atomics.wait(command, words.command, Atomics.load(command, words.command), milliseconds);
}
