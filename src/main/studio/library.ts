/** The library of blocks: kept beside projects, so that each can take copies. What is taken is the project's own then. */
import { z } from 'zod';
import type { StudioEvent } from '../../bridge/contract.ts';
import { type Id, newId } from '../../bridge/ids.ts';
import type { LibraryBlock } from '../../bridge/projects.ts';
import { blockSchema } from '../../engine/graph/document.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';

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

  /** By name. A block that this version cannot read is left out, and stays where it is. */
  list(): LibraryBlock[] {
    return this.#workspace.library.list().flatMap(({ id, name, content }) => {
      const parsed = contentSchema.safeParse(jsonOf(content));
      return parsed.success ? [{ id, name, ...parsed.data }] : [];
    });
  }

  /** Keeps a block with those within it; one of the same name is replaced. */
  keep({ name, block, blocks }: Omit<LibraryBlock, 'id'>): LibraryBlock {
    this.#workspace.requireWrite();
    if (!Object.hasOwn(blocks, block))
      throw new UserError(`The block ${name} did not come with what it holds.`);
    const content = JSON.stringify({ block, blocks });
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
