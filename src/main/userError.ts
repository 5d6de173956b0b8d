import { DISK_FAULT, USER_FAULT } from '../bridge/faults.ts';

/**
 * An error that the user caused and can fix: what is wrong, where, and what to do, in one sentence. The window shows it
 * as it is; the command line prints it and exits with 2. All other errors are defects.
 */
export class UserError extends Error {
  override readonly name: string = USER_FAULT;
}

/** The disk is full or cannot be written at the moment; the operation can be repeated. */
export class DiskTrouble extends UserError {
  override readonly name = DISK_FAULT;
}
