/** All files below a folder, looked up by the names in annotations. */
import { basename, extname, posix } from 'node:path';
import type { Reject } from '../../../database/datasetRows.ts';
import { type FoundFile, type WalkOptions, walk } from './walkFolder.ts';

export class Listing {
  readonly files: readonly FoundFile[];
  readonly rejects: readonly Reject[];
  readonly #byPath: ReadonlyMap<string, FoundFile>;
  readonly #byName: ReadonlyMap<string, FoundFile[]>;
  readonly #byStem: ReadonlyMap<string, FoundFile[]>;

  private constructor(files: readonly FoundFile[], rejects: readonly Reject[]) {
    this.files = files;
    this.rejects = rejects;
    this.#byPath = new Map(files.map(file => [file.path, file]));
    this.#byName = Map.groupBy(files, ({ path }) => basename(path));
    this.#byStem = Map.groupBy(files, ({ path }) => stemOf(path));
  }

  static async of(folder: string, options: WalkOptions): Promise<Listing> {
    const files: FoundFile[] = [];
    const rejects: Reject[] = [];
    for await (const item of walk(folder, '', options)) {
      if ('reason' in item) rejects.push(item);
      else files.push(item);
    }
    return new Listing(files, rejects);
  }

  /**
   * The file with this name: a path relative to `from` or the top, or else the only file of that name, with or without
   * extension. Only listed files can be found, so that names cannot lead outside the folder.
   */
  find(name: string, from = ''): FoundFile | { reason: string } {
    const wanted = posix.normalize(name.replaceAll('\\', '/').normalize('NFC')).replace(/^(\.?\/)+/, '');
    const exact = this.#byPath.get(posix.join(from, wanted)) ?? this.#byPath.get(wanted);
    if (exact) return exact;
    const same = this.#byName.get(basename(wanted)) ?? this.#byStem.get(basename(wanted)) ?? [];
    const fitting = wanted.includes('/') ? same.filter(({ path }) => path.endsWith(`/${wanted}`)) : same;
    const chosen = fitting.length > 0 ? fitting : same;
    if (chosen.length === 1) return chosen[0]!;
    if (chosen.length === 0) return { reason: 'There is no such file in the folder.' };
    return { reason: `Several files have this name: ${chosen[0]!.path}, ${chosen[1]!.path}.` };
  }
}

/** A file's name without folder and extension. */
export function stemOf(path: string): string {
  return basename(path, extname(path));
}
