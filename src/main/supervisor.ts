/**
 * Keeps a studio process running: starts it, connects windows, forwards media requests, and restarts it when it dies.
 * Used by both hosts; `Window` is what connects a window, a channel or a MessagePort.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../bridge/channels/channel.ts';
import { connect } from '../bridge/rpc.ts';
import type { HostControl, MediaResponse, StudioControl, StudioOptions } from './studio/hostProtocol.ts';
import { UserError } from './userError.ts';

/** A studio process, as the host sees it. */
export interface StudioProcess<Window> {
  readonly control: Channel;
  join(window: Window): void;
  /** Called once, whatever the reason. */
  onExit(listener: () => void): void;
  kill(): void;
}

export interface SupervisorOptions<Window> {
  studio: Omit<StudioOptions, 'restarted'>;
  launch(options: StudioOptions): StudioProcess<Window>;
  /** It died and is being restarted: a window that connects again waits for it. */
  onStopped?(): void;
  /** It died and cannot be restarted, e.g. because another studio opened the workspace. */
  onLost(error: Error): void;
}

interface Running<Window> {
  process: StudioProcess<Window>;
  control: StudioControl;
}

/** Milliseconds before a restart, after the first death, the second, …; the last value repeats. */
const RESTART_DELAYS_MS = [100, 500, 2000, 5000];
/** After so many deaths without ever opening, the studio is given up. */
const GIVEN_UP_AFTER = 3;
/** After running this long (ms), the next death counts as the first. */
const HEALTHY_AFTER = 30_000;
/** Milliseconds for a studio to write its checkpoints on shutdown. */
const SHUTDOWN_DEADLINE = 15_000;
/** Milliseconds for a killed studio to be gone. */
const KILL_DEADLINE = 2_000;

export class Supervisor<Window> {
  readonly #options: SupervisorOptions<Window>;
  #running: Promise<Running<Window>>;
  #process: StudioProcess<Window> | undefined;
  #closing = false;
  #deaths = 0;
  #files = 0;

  constructor(options: SupervisorOptions<Window>) {
    this.#options = options;
    this.#running = this.#start(false);
    this.#running.catch(() => {});
  }

  /** Resolves once the studio is open. Rejects with a UserError where it refuses the workspace. */
  async opened(): Promise<void> {
    await this.#running;
  }

  /** Connects a window to the studio, waiting until it runs. */
  async join(window: Window): Promise<void> {
    const { process } = await this.#running;
    process.join(window);
  }

  /** Requests that only read are repeated if the studio dies meanwhile. */
  async media(path: string): Promise<MediaResponse> {
    const asked = this.#running;
    const { control } = await asked;
    try {
      return await control.media(path);
    } catch (error) {
      if (this.#running === asked) throw error;
      return (await this.#running).control.media(path);
    }
  }

  /**
   * Forwards a file in parts, with backpressure. Rejects when the sender aborts or the studio dies: an upload is not
   * repeated.
   */
  async upload(path: string, parts: AsyncIterable<Uint8Array>): Promise<MediaResponse> {
    const { control } = await this.#running;
    const file = ++this.#files;
    const nothing = new Uint8Array();
    try {
      for await (const bytes of parts) {
        const answer = await control.takeFile({ file, path, bytes, follows: 'more' });
        if (answer) return answer;
      }
    } catch (error) {
      await control.takeFile({ file, path, bytes: nothing, follows: 'brokenOff' }).catch(() => {});
      throw error;
    }
    return (await control.takeFile({ file, path, bytes: nothing, follows: 'end' }))!;
  }

  /** Shuts the studio down, after it has stopped its runs at a checkpoint. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#end();
  }

  /** Shuts the studio down and starts a new one. */
  async restart(): Promise<void> {
    this.#deaths = 0;
    await this.#end();
  }

  async #end(): Promise<void> {
    const process = this.#process;
    if (!process) return;
    const exited = new Promise<void>(resolve => process.onExit(resolve));
    const asked = this.#running.then(({ control }) => control.shutdown()).catch(() => process.kill());
    await Promise.race([Promise.all([asked, exited]), unrefTimeout(SHUTDOWN_DEADLINE)]);
    process.kill();
    await Promise.race([exited, unrefTimeout(KILL_DEADLINE)]);
  }

  /** Starts processes until one opens the workspace or refuses. */
  async #start(restarted: boolean): Promise<Running<Window>> {
    for (;;) {
      if (this.#deaths > 0)
        await sleep(RESTART_DELAYS_MS[Math.min(this.#deaths, RESTART_DELAYS_MS.length) - 1]);
      if (this.#closing) throw new Error('The studio was closed before it opened.');
      const running = await this.#launch(restarted);
      if (running) return running;
      if (!restarted && this.#deaths === GIVEN_UP_AFTER) {
        throw new Error('The studio ended before it opened. What it wrote above says why.');
      }
    }
  }

  /** A single attempt; undefined when the process ended before it opened or refused. */
  #launch(restarted: boolean): Promise<Running<Window> | undefined> {
    const startedAt = Date.now();
    const process = this.#options.launch({ ...this.#options.studio, restarted });
    this.#process = process;
    const { promise, resolve, reject } = Promise.withResolvers<Running<Window> | undefined>();
    let opened = false;
    const control = connect<StudioControl, HostControl>(process.control, {
      ready: () => {
        opened = true;
        resolve({ process, control });
      },
      refused: message => reject(new UserError(message)),
    });
    process.onExit(() => {
      this.#process = undefined;
      this.#deaths = Date.now() - startedAt > HEALTHY_AFTER ? 1 : this.#deaths + 1;
      if (opened) this.#restart();
      else resolve(undefined);
    });
    return promise;
  }

  #restart(): void {
    if (this.#closing) return;
    this.#running = this.#start(true);
    this.#running.catch(error => {
      if (!this.#closing) this.#options.onLost(error);
    });
    this.#options.onStopped?.();
  }
}

/** A timeout that does not keep the process alive. */
function unrefTimeout(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}
