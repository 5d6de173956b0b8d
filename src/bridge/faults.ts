/** Errors that a person can mend, told apart by their names: of an error nothing else crosses the bridge but its message. */

/** What was asked for cannot be: the message says why, and what to do. */
export const USER_FAULT = 'UserError';
/** The disk did not take it for now: the same may be asked for again later. */
export const DISK_FAULT = 'DiskTrouble';

/** Whether a message is shown as it is. Every other error is a defect of ours. */
export function isUserFault(name: string | undefined): boolean {
  return name === USER_FAULT || name === DISK_FAULT;
}
