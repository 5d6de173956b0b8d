/** Holds the imports of all files of src/ against the table of folders (folders.ts). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import type { FolderRow } from './folders.ts';
import { importedBy } from './imports.ts';

export interface FolderRules {
  /** By their paths from src/. */
  readonly folders: Readonly<Record<string, FolderRow>>;
  readonly exceptions: readonly (readonly [from: string, to: string])[];
}

/** One import, as the rules see it. */
interface Arrow {
  /** From src/: `engine/graph/infer.ts`. */
  readonly file: string;
  /** As it is written: `../layers/shape.ts`, `node:fs`. */
  readonly specifier: string;
  readonly isType: boolean;
}

/** @returns a sentence for each import that the table does not allow, and for each exception that nothing needs */
export function violations(root: string, rules: FolderRules): string[] {
  const needed = new Set<string>();
  const found = arrowsIn(join(root, 'src')).flatMap(arrow => {
    const refused = refusal(arrow, rules.folders);
    if (refused === null) return [];
    if (!rules.exceptions.some(([from, to]) => from === refused.from && to === refused.to))
      return [`src/${arrow.file} imports ${arrow.specifier}: ${refused.why} (scripts/lint/folders.ts).`];
    needed.add(`${refused.from} → ${refused.to}`);
    return [];
  });
  const idle = rules.exceptions
    .map(([from, to]) => `${from} → ${to}`)
    .filter(arrow => !needed.has(arrow))
    .map(arrow => `The exception ${arrow} is needed no more: delete its line in scripts/lint/folders.ts.`);
  return [...found, ...idle];
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

interface Refusal {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** Why an import is not allowed; null where it is. */
function refusal({ file, specifier, isType }: Arrow, folders: FolderRules['folders']): Refusal | null {
  const from = folderOf(file, folders);
  const row = rowOf(from, folders);
  if (!row) return { from, to: specifier, why: `src/${from} has no row in the table` };
  const path = specifier.startsWith('.') ? posix.join('src', dirname(file), specifier) : specifier;
  if (!path.startsWith('src/')) {
    const name = packageOf(path);
    if (row.packages?.some(pattern => matches(name, pattern))) return null;
    return { from, to: name, why: `src/${from} may not import ${name}` };
  }
  const to = folderOf(path.slice('src/'.length), folders);
  if (to === from || row.imports?.some(pattern => matches(to, pattern))) return null;
  const typesOnly = row.types?.some(pattern => matches(to, pattern)) ?? false;
  if (typesOnly && isType) return null;
  return {
    from,
    to,
    why: `src/${from} may ${typesOnly ? 'import types alone from' : 'not import'} src/${to}`,
  };
}

/** The nearest folder around a file that has a row; the file's own where none has. */
function folderOf(file: string, folders: FolderRules['folders']): string {
  const [innermost = '.', ...around] = foldersAround(file);
  return [innermost, ...around].find(folder => rowOf(folder, folders)) ?? innermost;
}

/** `engine/graph/diagnostics`, `engine/graph` and `engine` of a file in the first. */
function foldersAround(file: string): string[] {
  const names = file.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, names.length - i).join('/'));
}

/** A folder's own row, or the one of all folders beside it. */
function rowOf(folder: string, folders: FolderRules['folders']): FolderRow | undefined {
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
