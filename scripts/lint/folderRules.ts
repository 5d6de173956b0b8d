/** Holds the imports of all files of src/ against the table of folders (folders.ts). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import type { FolderRow } from './folders.ts';
import { importedBy } from './imports.ts';

/** By their paths from src/. */
export type Folders = Readonly<Record<string, FolderRow>>;

/** One import, as the rules see it. */
interface Arrow {
  /** From src/: `engine/graph/infer.ts`. */
  readonly file: string;
  /** As it is written: `../layers/shape.ts`, `node:fs`. */
  readonly specifier: string;
  readonly isType: boolean;
}

/** @returns a sentence for each import that the table does not allow */
export function violations(root: string, folders: Folders): string[] {
  return arrowsIn(join(root, 'src')).flatMap(arrow => {
    const why = refusal(arrow, folders);
    if (why === null) return [];
    return [`src/${arrow.file} imports ${arrow.specifier}: ${why} (scripts/lint/folders.ts).`];
  });
}

function arrowsIn(sources: string): Arrow[] {
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => file.split(sep).join('/'))
    .flatMap(file => {
      const text = readFileSync(join(sources, file), 'utf8');
      const values = new Set(importedBy(file, text, false));
      return importedBy(file, text).map(specifier => ({ file, specifier, isType: !values.has(specifier) }));
    });
}

/** Why an import is not allowed; null where it is. */
function refusal({ file, specifier, isType }: Arrow, folders: Folders): string | null {
  const from = folderOf(file, folders);
  const row = rowOf(from, folders);
  if (!row) return `src/${from} has no row in the table`;
  const path = specifier.startsWith('.') ? posix.join('src', dirname(file), specifier) : specifier;
  if (!path.startsWith('src/')) {
    const name = packageOf(path);
    return row.packages?.some(pattern => matches(name, pattern))
      ? null
      : `src/${from} may not import ${name}`;
  }
  const to = folderOf(path.slice('src/'.length), folders);
  if (to === from || row.imports?.some(pattern => matches(to, pattern))) return null;
  const typesOnly = row.types?.some(pattern => matches(to, pattern)) ?? false;
  if (typesOnly && isType) return null;
  return `src/${from} may ${typesOnly ? 'import types alone from' : 'not import'} src/${to}`;
}

/** The nearest folder around a file that has a row; the file's own where none has. */
function folderOf(file: string, folders: Folders): string {
  const [innermost = '.', ...around] = foldersAround(file);
  return [innermost, ...around].find(folder => rowOf(folder, folders)) ?? innermost;
}

/** `engine/graph/diagnostics`, `engine/graph` and `engine` of a file in the first. */
function foldersAround(file: string): string[] {
  const names = file.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, names.length - i).join('/'));
}

/** A folder's own row, or the one of all folders beside it. */
function rowOf(folder: string, folders: Folders): FolderRow | undefined {
  if (Object.hasOwn(folders, folder)) return folders[folder];
  return folders[`${dirname(folder)}/*`];
}

/** `@mantine/core` of `@mantine/core/styles.css`; all that begins with `node:` is one. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** `node:*`, `@tanstack/*` and `renderer/*` stand for all that begins so. */
function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
