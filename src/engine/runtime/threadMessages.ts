/** How the studio hears a thread of the engine to its end, whichever way it ends. */
import type { Worker } from 'node:worker_threads';

interface Failed {
  readonly type: 'failed';
  readonly message: string;
}

/**
 * Passes on what a thread says. Where it ends without its last word, `failed` is told.
 * @param isLast whether a message says how it ended
 * @returns resolved when the thread is gone
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
