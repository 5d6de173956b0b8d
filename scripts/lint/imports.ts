/** Which file imports which, types included, as the parser that Vite brings reads them; and the circles among them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { parseSync, Visitor } from 'vite';

/** Files by the files that they import, both by their paths from the folder. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** @param folder all its TypeScript files are read; what they import from elsewhere is left out */
export function importsIn(folder: string): Imports {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .map(file => file.split(sep).join('/'));
  const known = new Set(files);
  return new Map(
    files.map(file => {
      const imported = importedBy(file, readFileSync(join(folder, file), 'utf8'))
        .filter(specifier => specifier.startsWith('.'))
        .map(specifier => posix.join(dirname(file), specifier));
      return [file, imported.filter(other => known.has(other))];
    }),
  );
}

/** The same of the folders that they lie in, the first of each path; `.` is what lies in none. */
export function foldersOf(imports: Imports): Imports {
  const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
  const folders = new Map<string, Set<string>>();
  for (const [file, imported] of imports) {
    const folder = folderOf(file);
    const others = folders.get(folder) ?? new Set();
    folders.set(folder, others);
    for (const other of imported.map(folderOf)) if (other !== folder) others.add(other);
  }
  return new Map([...folders].map(([folder, others]) => [folder, [...others]]));
}

/**
 * What a file imports, as it writes it: plainly, for its types, to pass it on, or when it is needed.
 * @param types without them, what Node reads when it runs the file
 */
export function importedBy(file: string, text: string, types = true): string[] {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const found = new Set<string>();
  const take = ({ source, importKind, exportKind }: Importing) => {
    if (!types && (importKind === 'type' || exportKind === 'type')) return;
    const value = (source as { value?: unknown } | null)?.value;
    if (typeof value === 'string') found.add(value);
  };
  new Visitor({
    ImportDeclaration: take,
    ExportNamedDeclaration: take,
    ExportAllDeclaration: take,
    ImportExpression: take,
    TSImportType: node => types && take(node),
  }).visit(program);
  return [...found];
}

interface Importing {
  readonly source?: unknown;
  readonly importKind?: string | null;
  readonly exportKind?: string | null;
}

/** For each file that lies in a circle the shortest one, each circle once. */
export function circlesIn(imports: Imports): string[][] {
  const circles = new Map<string, string[]>();
  for (const file of imports.keys()) {
    const circle = wayBack(imports, file);
    const key = circle?.toSorted().join();
    if (circle && key && !circles.has(key)) circles.set(key, circle);
  }
  return [...circles.values()];
}

/** The shortest way from a file to itself: the files on it, itself first. */
function wayBack(imports: Imports, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const other of imports.get(file) ?? []) {
      if (cameFrom.has(other)) continue;
      cameFrom.set(other, file);
      queue.push(other);
    }
    if (!cameFrom.has(start)) continue;
    const way = [cameFrom.get(start)!];
    while (way[0] !== start) way.unshift(cameFrom.get(way[0]!)!);
    return way;
  }
  return undefined;
}
