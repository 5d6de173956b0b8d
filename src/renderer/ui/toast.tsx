/** Short messages in a corner: what went wrong, or what was done and how to take it back. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { isUserFault, USER_FAULT } from '../../bridge/faults.ts';
import { ConnectionClosed } from '../../bridge/rpc.ts';

export function showMessage(message: ReactNode): void {
  notifications.show({ message, withBorder: true, color: 'indigo' });
}

const CLOSE_BUTTON = { 'aria-label': 'Close' };

/** Says why something was not done. A lost connection is told by the banner instead. */
export function complain(error: unknown, what?: string): void {
  if (error instanceof ConnectionClosed) return;
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  const defect = !isUserFault(name) && name !== 'DocumentError';
  if (defect) console.error(error);
  notifications.show({
    title: what ?? null,
    message: defect ? `Something went wrong that should not: ${message}` : message,
    color: 'red',
    withBorder: true,
    autoClose: 8000,
    role: 'alert',
    closeButtonProps: CLOSE_BUTTON,
  });
}

/** Says why what was asked for is not done: nothing is broken. */
export function refuse(message: string, what?: string): void {
  const error = new Error(message);
  error.name = USER_FAULT;
  complain(error, what);
}

/** Says what was done and offers one action on it. */
export function offer(message: string, label: string, act: () => void): void {
  const id = notifications.show({
    withBorder: true,
    autoClose: 10_000,
    closeButtonProps: CLOSE_BUTTON,
    message: (
      <span className="toast-offer">
        <span>{message}</span>
        <Button
          onClick={() => {
            notifications.hide(id);
            act();
          }}
        >
          {label}
        </Button>
      </span>
    ),
  });
}

/** Does something, and complains where it fails. Resolves to undefined then. */
export async function attempt<T>(work: () => Promise<T>, what?: string): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    complain(error, what);
    return undefined;
  }
}
