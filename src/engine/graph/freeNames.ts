/** Names that no node has yet, for many nodes one after the other: each search begins where the last like it ended. */
import type { Drawing } from './document.ts';

/** Of a name that gets a number behind it, so that both are no longer than a name may be. */
const STEM_LENGTH = 56;

export class FreeNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  constructor({ nodes }: Pick<Drawing, 'nodes'>) {
    this.#taken = new Set(Object.values(nodes).map(({ name }) => name));
  }

  /** Takes a name as it is, or with a number behind it where it is taken. */
  like(name: string): string {
    if (!this.#taken.has(name)) return this.#take(name);
    return this.#search(`${name.slice(0, STEM_LENGTH)}_`, 2);
  }

  /** Takes a name as it is, or one after the kind, `conv1`, where it is taken. */
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
