/**
 * Starts a process for decoding: a Node child process. In an Electron utility process, which cannot start Node (the
 * fuse `runAsNode` is off), a thread is used instead; it is abandoned if an image never finishes.
 */
import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { entryFile } from '../../../entries.ts';
import type { PictureMessage, PictureRequest } from './pictureMessages.ts';

export interface PictureLink {
  send(message: PictureRequest | { granted: true }): void;
  /** Whether it keeps this process alive. */
  keepAwake(isAwake: boolean): void;
  kill(): void;
}

export interface PictureListener {
  onMessage(message: PictureMessage): void;
  /** Called once, however it ended. */
  onExit(): void;
}

export function startPictureProcess(listener: PictureListener): PictureLink {
  return 'electron' in process.versions ? startThread(listener) : startChild(listener);
}

function startChild({ onMessage, onExit }: PictureListener): PictureLink {
  const child = fork(entryFile('pictureProcess'), [], {
    serialization: 'advanced',
    execArgv: [],
    // One picture at a time.
    env: { ...process.env, UV_THREADPOOL_SIZE: '2' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('message', message => onMessage(message as PictureMessage));
  child.once('exit', onExit);
  child.on('error', () => child.pid === undefined && onExit());
  return {
    send: message => child.connected && child.send(message, () => undefined),
    keepAwake: isAwake => {
      if (isAwake) child.ref();
      else child.unref();
      if (isAwake) child.channel?.ref();
      else child.channel?.unref();
    },
    kill: () => child.kill('SIGKILL'),
  };
}

function startThread({ onMessage, onExit }: PictureListener): PictureLink {
  const thread = new Worker(entryFile('pictureProcess'));
  thread.on('message', onMessage);
  thread.on('error', () => undefined);
  thread.once('exit', onExit);
  return {
    send: message => thread.postMessage(message),
    keepAwake: isAwake => (isAwake ? thread.ref() : thread.unref()),
    kill: () => void thread.terminate(),
  };
}
