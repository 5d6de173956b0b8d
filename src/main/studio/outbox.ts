/**
 * Events on their way to one window, as fast as it takes them. What a later event says of the same thing replaces what
 * still waits: ten thousand runs that are tagged at once are told without a gap, and a window that is slow is told how
 * things are, not how they were.
 */
import type { StudioEvent } from '../../bridge/contract.ts';

/** Events that may be sent and not yet taken. */
const UNTAKEN_EVENTS = 64;

export class Outbox {
  /** Resolves once the window has taken it, or is gone. */
  readonly #send: (event: StudioEvent) => Promise<unknown>;
  /** By what they are about, the oldest first. */
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
      // A window that is just closing misses nothing: it asks for a snapshot when it comes back.
      const taken = () => {
        this.#underWay--;
        this.#sendOn();
      };
      this.#send(event).then(taken, taken);
    }
  }
}

/** What an event is about; undefined where each of its kind tells something of its own. */
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
