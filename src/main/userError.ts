import { DISK_FAULT, USER_FAULT } from '../bridge/faults.ts';

/**
 * An error that a person caused and can mend: what is wrong, where, and what to do, in one sentence. The window
 * shows it as it is; the command line prints it and exits with 2. Every other error is a defect of ours.
 */
export class UserError extends Error {
  override readonly name: string = USER_FAULT;
}

/** The disk has no room, or cannot be written for now: what failed may be tried again later. */
export class DiskTrouble extends UserError {
  override readonly name = DISK_FAULT;
}
