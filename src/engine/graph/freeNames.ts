/** Finds unused names for many nodes: each search continues where the last one with the same stem ended. */
import type { Drawing } from './document.ts';

/** The longest stem to which a number is appended, within the limit on names. */
const STEM_LENGTH = 56;

export class FreeNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  constructor({ nodes }: Pick<Drawing, 'nodes'>) {
    this.#taken = new Set(Object.values(nodes).map(({ name }) => name));
  }

  /** The name itself, or with a number appended if it is taken. */
  like(name: string): string {
    if (!this.#taken.has(name)) return this.#take(name);
    return this.#search(`${name.slice(0, STEM_LENGTH)}_`, 2);
  }

  /** The name itself, or one from the kind, `conv1`, if it is taken. */
  likeOrNumbered(name: string, kind: string): string {
    if (!this.#taken.has(name)) return this.#take(name);
    return this.#search(kind.toLowerCase().replace(/2d$/, '').slice(0, STEM_LENGTH), 1);
  }

  #search(stem: string, first: number): string {
    let i = this.#next.get(stem) ?? first;
    while (this.#taken.has(`${stem}${i}`)) i++;
    this.#next.set(stem, i + 1);
    return this.#take(`${stem}${i}`);
  }

  #take(name: string): string {
    this.#taken.add(name);
    return name;
  }
}
