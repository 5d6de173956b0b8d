/** The library of blocks, shared by all projects. A project takes a copy, which is independent of the library. */
import { z } from 'zod';
import type { StudioEvent } from '../../bridge/contract.ts';
import { type Id, newId } from '../../bridge/ids.ts';
import type { LibraryBlock } from '../../bridge/projectCalls.ts';
import { blockSchema } from '../../engine/graph/document.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';

/** Characters of one block, and of all: the library is sent to every window that opens. */
const MOST_BLOCK_CHARACTERS = 2 ** 20;
const MOST_LIBRARY_CHARACTERS = 4 * 2 ** 20;

const contentSchema = z.strictObject({
  block: z.string(),
  blocks: z.record(z.string(), blockSchema),
});

/** Undefined where it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export class Library {
  readonly #workspace: Workspace;
  readonly #emit: (event: StudioEvent) => void;

  constructor(workspace: Workspace, emit: (event: StudioEvent) => void) {
    this.#workspace = workspace;
    this.#emit = emit;
  }

  /** By name, without blocks that this version cannot read, and without those beyond the limit. */
  list(): LibraryBlock[] {
    let characters = 0;
    return this.#workspace.library.list().flatMap(({ id, name, content }) => {
      if (characters + content.length > MOST_LIBRARY_CHARACTERS) return [];
      characters += content.length;
      const parsed = contentSchema.safeParse(jsonOf(content));
      return parsed.success ? [{ id, name, ...parsed.data }] : [];
    });
  }

  /** Stores a block with its nested blocks; one of the same name is replaced. */
  keep({ name, block, blocks }: Omit<LibraryBlock, 'id'>): LibraryBlock {
    this.#workspace.requireWrite();
    if (!Object.hasOwn(blocks, block))
      throw new UserError(`The block ${name} did not come with what it holds.`);
    const content = JSON.stringify({ block, blocks });
    if (content.length > MOST_BLOCK_CHARACTERS)
      throw new UserError(
        `The block ${name} has ${content.length} characters: the library keeps blocks of at most ${MOST_BLOCK_CHARACTERS}.`,
      );
    const others = this.#workspace.library.list().filter(each => each.name !== name);
    if (others.reduce((sum, each) => sum + each.content.length, content.length) > MOST_LIBRARY_CHARACTERS)
      throw new UserError(`The library is full: delete blocks that you do not need, then keep ${name}.`);
    const id = this.#workspace.library.put({ id: newId(), name, content }, Date.now());
    const kept = { id, name, block, blocks };
    this.#emit({ type: 'libraryBlock', block: kept });
    return kept;
  }

  delete(id: Id): void {
    this.#workspace.requireWrite();
    if (!this.#workspace.library.delete(id))
      throw new UserError('That block is not in the library any more.');
    this.#emit({ type: 'libraryBlockDeleted', id });
  }
}
