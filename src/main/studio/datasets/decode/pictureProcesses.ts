/**
 * Processes that decode images which are not plain, about one per processor. Each has one image at a time, so that the
 * culprit is known if a process dies or hangs: it is refused, and a new process continues. All callers share one memory
 * budget: concurrent imports, Explain, predictions.
 */
import { availableParallelism } from 'node:os';
import { CLOCK_FACTOR, DECODING_BYTES, DECODING_SECONDS, MOST_PROCESSES } from '../limits.ts';
import { type PictureLink, startPictureProcess } from './pictureLink.ts';
import type { MeasuredImage, PictureMessage, PictureRequest, PictureResult } from './pictureMessages.ts';
import type { DecodeSpec } from './plainPicture.ts';

/** The result of a request; a reason where the process was ended. */
export type PictureAnswer = { result: PictureResult; milliseconds: number } | { reason: string };

interface Task {
  request: PictureRequest;
  signal: AbortSignal | undefined;
  resolve(answer: PictureAnswer): void;
  reject(error: Error): void;
}

/** Milliseconds after which an idle process is ended. */
const IDLE_MS = 3000;

export class PictureProcesses {
  /** One more than processors, so that none is idle between images. */
  readonly #most = Math.min(MOST_PROCESSES, availableParallelism() + 1);
  readonly #all = new Set<PictureWorker>();
  readonly #tasks: Task[] = [];
  readonly #budget = new Budget(DECODING_BYTES);
  readonly #clockFactor: number;

  constructor(clockFactor = CLOCK_FACTOR) {
    this.#clockFactor = clockFactor;
  }

  /** Rejects only where it is aborted: a process that is at work on it is ended then. */
  ask(request: PictureRequest, signal?: AbortSignal): Promise<PictureAnswer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const task: Task = { request, signal, resolve, reject };
      this.#tasks.push(task);
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#tasks.length > 0) {
      const free = [...this.#all].find(worker => worker.isFree);
      if (!free && this.#all.size >= this.#most) return;
      const task = this.#tasks.shift()!;
      if (task.signal?.aborted) task.reject(task.signal.reason);
      else (free ?? this.#start()).take(task);
    }
  }

  #start(): PictureWorker {
    const worker = new PictureWorker(this.#budget, this.#clockFactor, isGone => {
      if (isGone) this.#all.delete(worker);
      this.#assign();
    });
    this.#all.add(worker);
    return worker;
  }
}

/** One process with its current image. */
class PictureWorker {
  readonly #link: PictureLink;
  readonly #budget: Budget;
  readonly #clockFactor: number;
  readonly #onFree: (isGone: boolean) => void;
  #task: Task | undefined;
  /** The reason that it gave for ending. */
  #last: string | undefined;
  #isGone = false;
  #deadline: NodeJS.Timeout | undefined;
  #granted = 0;
  readonly #abort = () => this.#end(this.#task!.signal!.reason);

  /** @param onFree called when it can take another image, or has ended */
  constructor(budget: Budget, clockFactor: number, onFree: (isGone: boolean) => void) {
    this.#budget = budget;
    this.#clockFactor = clockFactor;
    this.#onFree = onFree;
    this.#link = startPictureProcess({
      onMessage: message => this.#received(message),
      onExit: () => this.#end(this.#last ?? 'It is damaged: the library that decodes it broke down over it.'),
    });
  }

  get isFree(): boolean {
    return !this.#task && !this.#isGone;
  }

  take(task: Task): void {
    this.#task = task;
    task.signal?.addEventListener('abort', this.#abort, { once: true });
    this.#link.keepAwake(true);
    this.#limit(DECODING_SECONDS);
    this.#link.send(task.request);
  }

  #received(message: PictureMessage): void {
    if (!this.#task) return;
    if ('ends' in message) this.#last = message.ends;
    else if ('needs' in message) this.#ask(message);
    else {
      const task = this.#finish()!;
      if (message.retires) this.#leave();
      task.resolve(message);
      this.#onFree(this.#isGone);
    }
  }

  /** Time spent waiting for memory does not count. */
  #ask({ needs, seconds }: { needs: number; seconds: number }): void {
    clearTimeout(this.#deadline);
    this.#giveBack();
    const task = this.#task;
    this.#budget.take(needs, () => {
      if (this.#isGone || this.#task !== task) return false;
      this.#granted = needs;
      this.#limit(seconds);
      this.#link.send({ granted: true });
      return true;
    });
  }

  #limit(seconds: number): void {
    const most = this.#clockFactor * seconds;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(
      () => this.#end(`Decoding it did not end within ${Math.round(most)} seconds.`),
      1000 * most,
    );
  }

  /** Ends the process and answers its request. */
  #end(why: string | Error): void {
    const task = this.#finish();
    if (!this.#isGone) this.#leave();
    if (typeof why === 'string') task?.resolve({ reason: why });
    else task?.reject(why);
    this.#onFree(true);
  }

  #leave(): void {
    this.#isGone = true;
    this.#link.kill();
  }

  #finish(): Task | undefined {
    const task = this.#task;
    this.#task = undefined;
    clearTimeout(this.#deadline);
    task?.signal?.removeEventListener('abort', this.#abort);
    this.#giveBack();
    this.#link.keepAwake(false);
    this.#deadline = setTimeout(() => this.#end(''), IDLE_MS).unref();
    return task;
  }

  #giveBack(): void {
    this.#budget.giveBack(this.#granted);
    this.#granted = 0;
  }
}

/** Grants memory in the order of requests, so that large images are not starved. */
class Budget {
  #left: number;
  readonly #waiting: { bytes: number; grant: () => boolean }[] = [];

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @param grant returns false where the request was aborted */
  take(bytes: number, grant: () => boolean): void {
    this.#waiting.push({ bytes, grant });
    this.giveBack(0);
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
    while (this.#waiting.length > 0 && this.#waiting[0]!.bytes <= this.#left) {
      const { bytes: taken, grant } = this.#waiting.shift()!;
      this.#left -= taken;
      if (!grant()) this.#left += taken;
    }
  }
}

/** The shared instance of this process. */
export const pictureProcesses = new PictureProcesses();

/** Decodes an image file, or its bytes, to uint8 pixels, height × width × channels, as an import does. */
export async function decode(
  file: string | Uint8Array,
  shape: DecodeSpec['shape'],
  fit: DecodeSpec['fit'] = 'contain',
): Promise<{ pixels: Uint8Array } | { reason: string }> {
  const spec: DecodeSpec = { shape, fit, masks: null };
  const request = typeof file === 'string' ? { job: { file }, spec } : { bytes: file, spec };
  const answer = await pictureProcesses.ask(request);
  if ('reason' in answer) return answer;
  // There was no known stamp, so that it cannot be `unchanged`.
  return answer.result.decoded as MeasuredImage | { reason: string };
}
