/**
 * What a studio or a command acknowledged. A call that was cut off may have been done or not, so until it is looked
 * at both what was and what was asked for are right; what was answered has to be there.
 */
import { isUserFault } from '../../src/bridge/faults.ts';

/** How something stands, in a text that can be compared; null where it is not there. */
export type Standing = string | null;

/** An answer that nobody can foretell, such as a split by chance. */
export const ANYTHING = '*';

/** How one thing may stand. */
export interface Expected {
  readonly key: string;
  readonly acknowledged: Standing;
  /** What was asked for and not answered. */
  readonly asked: readonly Standing[];
}

/** A step of a run. */
export interface Point {
  readonly loss: number;
  /** Whether it has to be there; a run that is taken up computes anew what came after its checkpoint, to the same loss. */
  firm: boolean;
}

export class Ledger {
  readonly #acknowledged = new Map<string, Standing>();
  readonly #asked = new Map<string, Standing[]>();
  /** Of each run the steps that were told. */
  readonly points = new Map<string, Map<number, Point>>();
  /** Of each run the latest step of which a checkpoint was seen among the rows. */
  readonly checkpoints = new Map<string, number>();
  /** How many answers were taken down. */
  count = 0;

  acknowledge(key: string, standing: Standing): void {
    this.#acknowledged.set(key, standing);
    this.count++;
  }

  acknowledged(key: string): Standing | undefined {
    return this.#acknowledged.get(key);
  }

  /** Asks for a change, and takes down what comes of it. A refusal changes nothing; a lost connection leaves it open. */
  async change<T>(key: string, standing: Standing, call: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) ?? [];
    this.#asked.set(key, [...asked, standing]);
    try {
      const answer = await call();
      this.#asked.delete(key);
      this.acknowledge(key, standing);
      return answer;
    } catch (error) {
      if (isUserFault((error as Error).name)) this.#asked.set(key, asked);
      throw error;
    }
  }

  /** Something was asked for and not answered. */
  ask(key: string, standing: Standing): void {
    this.#asked.set(key, [...(this.#asked.get(key) ?? []), standing]);
  }

  point(run: string, step: number, loss: number): void {
    const points = this.points.get(run) ?? new Map<number, Point>();
    this.points.set(run, points);
    if (!points.has(step)) this.count++;
    points.set(step, { loss, firm: true });
  }

  /** A run is about to go on from its last checkpoint, or from its beginning. */
  takenUp(run: string): void {
    const from = this.checkpoints.get(run) ?? 0;
    for (const [step, point] of this.points.get(run) ?? []) if (step > from) point.firm = false;
  }

  *expected(): Iterable<Expected> {
    for (const key of new Set([...this.#acknowledged.keys(), ...this.#asked.keys()])) {
      const asked = this.#asked.get(key) ?? [];
      yield { key, acknowledged: this.#acknowledged.get(key) ?? null, asked };
    }
  }

  /** What was open is settled by how it was found. */
  settle(key: string, standing: Standing): void {
    this.#acknowledged.set(key, standing);
    this.#asked.delete(key);
  }
}
