/** Errors that the user can fix, recognised by name, because only name and message of an error cross the bridge. */

/** An invalid request; the message says why, and what to do. */
export const USER_FAULT = 'UserError';
/** The disk refused for now; the request can be repeated. */
export const DISK_FAULT = 'DiskTrouble';

/** Whether the message is shown as it is. All other errors are defects. */
export function isUserFault(name: string | undefined): boolean {
  return name === USER_FAULT || name === DISK_FAULT;
}
