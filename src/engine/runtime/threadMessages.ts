/** Listens to a worker thread until it ends. */
import type { Worker } from 'node:worker_threads';

interface Failed {
  readonly type: 'failed';
  readonly message: string;
}

/**
 * Passes on a thread's messages. If it ends without a last message, `failed` is called.
 * @param isLast whether a message is the last one
 * @returns resolves when the thread has ended
 */
export function listenToThread<Message>(
  worker: Worker,
  isLast: (message: Message | Failed) => boolean,
  onMessage: (message: Message | Failed) => void,
): Promise<void> {
  let over = false;
  const receive = (message: Message | Failed) => {
    over ||= isLast(message);
    onMessage(message);
  };
  worker.on('message', receive);
  worker.on('error', error => receive({ type: 'failed', message: `The engine failed: ${error.message}` }));
  return new Promise(resolve =>
    worker.on('exit', () => {
      if (!over) receive({ type: 'failed', message: 'The engine’s thread ended unexpectedly.' });
      resolve();
    }),
  );
}
