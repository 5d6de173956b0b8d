/** The table of folders as docs/architecture.md shows it, in Markdown. */
import { type FolderRow, graphCore } from './folders.ts';

/** @param folders rows by their paths from src/; neighbours of one row are one line */
export function foldersTable(folders: Readonly<Record<string, FolderRow>>): string {
  const lines = new Map<string, string[]>();
  for (const [folder, row] of Object.entries(folders)) {
    const cells = `${row.what} | ${importsOf(row)}`;
    lines.set(cells, [...(lines.get(cells) ?? []), `src/${folder}`]);
  }
  return [
    '| folder | what | may import |',
    '| --- | --- | --- |',
    ...[...lines].map(([cells, names]) => `| ${code(braced(names))} | ${cells} |`),
  ].join('\n');
}

function importsOf({ imports = [], types = [] }: FolderRow): string {
  const hasCore = graphCore.every(folder => imports.includes(folder));
  const others = hasCore ? imports.filter(folder => !graphCore.includes(folder)) : imports;
  const said = [
    ...(hasCore ? ['graph core'] : []),
    ...(others.length > 0 ? [code(braced(others))] : []),
    ...(types.length > 0 ? [`types of ${code(braced(types))}`] : []),
  ];
  return said.join(', ') || '–';
}

function code(names: readonly string[]): string {
  return names.map(name => `\`${name}\``).join(', ');
}

/** `engine/graph` and `engine/layers` are `engine/{graph,layers}`. */
function braced(paths: readonly string[]): string[] {
  const byParent = Map.groupBy(paths, path => path.slice(0, path.lastIndexOf('/') + 1));
  return [...byParent].flatMap(([parent, within]) =>
    parent === '' || within.length === 1
      ? within
      : [`${parent}{${within.map(path => path.slice(parent.length)).join(',')}}`],
  );
}
