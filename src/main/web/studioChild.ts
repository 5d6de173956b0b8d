/** The studio process of the web host: a Node child process, with all channels multiplexed over its message stream. */
import { fork } from 'node:child_process';
import { type FrameChannel, pipe } from '../../bridge/channels/channel.ts';
import { entryFile } from '../entries.ts';
import { Multiplexer, type MultiplexerFrame } from '../multiplexer.ts';
import type { StudioOptions } from '../studio/hostProtocol.ts';
import type { StudioProcess } from '../supervisor.ts';
import { threadPoolEnvironment } from '../threadPool.ts';

export function launchStudioChild(options: StudioOptions): StudioProcess<FrameChannel> {
  const child = fork(entryFile('studio'), [JSON.stringify(options)], {
    serialization: 'advanced',
    // A smaller young generation is collected sooner: messages are large and short-lived.
    execArgv: ['--max-semi-space-size=8'],
    env: threadPoolEnvironment(),
  });
  const multiplexer = new Multiplexer(frame => child.connected && child.send(frame, ignoreBrokenPipe));
  child.on('message', frame => multiplexer.received(frame as MultiplexerFrame));
  child.on('error', () => {});
  child.on('exit', () => multiplexer.closed());
  return {
    control: multiplexer.control,
    join: window => pipe(window, multiplexer.open()),
    onExit: listener => child.once('exit', () => listener()),
    kill: () => child.kill('SIGKILL'),
  };
}

/** A child that has died is reported by `exit`. */
function ignoreBrokenPipe(): void {}
