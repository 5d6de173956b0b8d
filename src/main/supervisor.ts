/**
 * Keeps one studio process running: starts it, joins windows to it, asks it for media, and starts it again when
 * it dies. Both hosts use it; `Window` is what a host's processes can be joined to, a channel or a MessagePort.
 * It knows neither Electron nor HTTP, and never opens the workspace itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../bridge/channels/channel.ts';
import { connect } from '../bridge/rpc.ts';
import type { HostControl, MediaResponse, StudioControl, StudioOptions } from './studio/hostProtocol.ts';
import { UserError } from './userError.ts';

/** A studio process as its host holds it. */
export interface StudioProcess<Window> {
  readonly control: Channel;
  join(window: Window): void;
  /** Called once, however it ended. */
  onExit(listener: () => void): void;
  kill(): void;
}

export interface SupervisorOptions<Window> {
  studio: Omit<StudioOptions, 'restarted'>;
  launch(options: StudioOptions): StudioProcess<Window>;
  /** It died and is being started again: a window that is joined anew waits for it. */
  onStopped?(): void;
  /** It died and cannot be opened again, for instance because another studio took the workspace. */
  onLost(error: Error): void;
}

interface Running<Window> {
  process: StudioProcess<Window>;
  control: StudioControl;
}

/** Milliseconds to wait after the first death, the second, …; the last holds for all that follow. */
const RESTART_DELAYS_MS = [100, 500, 2000, 5000];
/** Deaths after which a studio that never once opened is given up. */
const GIVEN_UP_AFTER = 3;
/** A studio that ran this long (ms) has recovered: its next death counts as the first. */
const HEALTHY_AFTER = 30_000;
/** How long (ms) a studio may take to write its checkpoints when it is asked to end. */
const SHUTDOWN_DEADLINE = 15_000;
/** How long (ms) a studio that is killed may take to be gone. */
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

  /** Joins a window to the studio, waiting until it runs. */
  async join(window: Window): Promise<void> {
    const { process } = await this.#running;
    process.join(window);
  }

  /** What is only read is asked of the next studio, where one dies over it. */
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
   * Passes a file on part by part, no faster than the studio takes it. Rejects when it breaks off, or the studio dies
   * over it: half of a file is not sent twice.
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

  /** Ends the studio, which keeps its runs at a checkpoint. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#end();
  }

  /** Ends the studio in the same way, and lets another take its place at once. */
  async restart(): Promise<void> {
    this.#deaths = 0;
    await this.#end();
  }

  async #end(): Promise<void> {
    const process = this.#process;
    if (!process) return;
    const exited = new Promise<void>(resolve => process.onExit(resolve));
    const asked = this.#running.then(({ control }) => control.shutdown()).catch(() => process.kill());
    await Promise.race([Promise.all([asked, exited]), patience(SHUTDOWN_DEADLINE)]);
    process.kill();
    await Promise.race([exited, patience(KILL_DEADLINE)]);
  }

  /** Starts the process until it opens or refuses. */
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

  /** One attempt; undefined when the process ended before it opened or refused. */
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

/** Waits without keeping the process alive for it. */
function patience(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false });
}
