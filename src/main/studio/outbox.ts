/**
 * Queues events for one window, with backpressure. A newer event about the same thing replaces a pending one: a slow
 * window gets the current state rather than every intermediate one.
 */
import type { StudioEvent } from '../../bridge/contract.ts';

/** The most events that are sent but not acknowledged. */
const UNTAKEN_EVENTS = 64;

export class Outbox {
  /** Resolves when the window has received it, or is closed. */
  readonly #send: (event: StudioEvent) => Promise<unknown>;
  /** Pending events by subject, oldest first. */
  readonly #waiting = new Map<string, StudioEvent>();
  #underWay = 0;
  #last = 0;

  constructor(send: (event: StudioEvent) => Promise<unknown>) {
    this.#send = send;
  }

  put(event: StudioEvent): void {
    const subject = subjectOf(event) ?? `${++this.#last}`;
    this.#waiting.delete(subject);
    this.#waiting.set(subject, event);
    this.#sendOn();
  }

  #sendOn(): void {
    for (const [subject, event] of this.#waiting) {
      if (this.#underWay >= UNTAKEN_EVENTS) return;
      this.#waiting.delete(subject);
      this.#underWay++;
      // A closing window misses nothing: it requests a snapshot when it reconnects.
      const taken = () => {
        this.#underWay--;
        this.#sendOn();
      };
      this.#send(event).then(taken, taken);
    }
  }
}

/** What an event is about; undefined where events do not replace each other. */
function subjectOf(event: StudioEvent): string | undefined {
  switch (event.type) {
    case 'project':
      return `project ${event.project.id}`;
    case 'projectDeleted':
      return `project ${event.id}`;
    case 'dataset':
      return `dataset ${event.dataset.id}`;
    case 'datasetDeleted':
      return `dataset ${event.id}`;
    case 'run':
      return `run ${event.run.id}`;
    case 'runDeleted':
      return `run ${event.id}`;
    case 'job':
      return `job ${event.job.id}`;
    case 'libraryBlock':
      return `block ${event.block.id}`;
    case 'libraryBlockDeleted':
      return `block ${event.id}`;
    case 'rateSearch':
      return 'rate search';
    case 'explaining':
      return `explaining ${event.task}`;
    case 'lab':
    case 'notice':
      return undefined;
  }
}
