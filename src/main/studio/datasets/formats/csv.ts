/**
 * Files with a CSV beside them, one row for each image: a column for the file, one for the class; where there are
 * columns for them, its split and a box (xmin, ymin, xmax, ymax, or x, y, width, height; in pixels). Several CSV
 * files named train, val and test give the split. Commas, semicolons and tabs divide.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import type { Split } from '../../../../bridge/datasets.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { Box } from '../geometry.ts';
import { byCodeUnits } from '../walk.ts';
import type { DatasetFormat } from './format.ts';
import { type FileEntry, sourceOfFiles } from './imageFiles.ts';
import { Listing, stemOf } from './listing.ts';
import { splitNamed } from './splitNames.ts';

export const csv: DatasetFormat = {
  name: 'csv',
  async recognise(folder) {
    const tables = await tablesIn(folder).catch(() => []);
    const [table] = tables;
    return (
      table && `${table.name} names files (${table.columns.file}) and their classes (${table.columns.label})`
    );
  },
  async open(folder, options) {
    const tables = await tablesIn(folder);
    if (tables.length === 0) {
      throw new UserError(
        `${folder} holds no CSV with a column for the file (such as “filename”) and one for the class (such as “label”).`,
      );
    }
    const listing = await Listing.of(folder, options);
    const { rows, rejects } = readRows(tables, listing);
    const classes = [...new Set(rows.map(({ className }) => className))].sort(byCodeUnits);
    const labels = new Map(classes.map((name, label) => [name, label]));
    const entries = rows.map(({ className, ...rest }) => ({ ...rest, label: labels.get(className)! }));
    if (entries.length === 0) throw new UserError(`No row of ${tables[0]!.name} names a file that is there.`);
    const hasBoxes = entries.every(({ box }) => box);
    const notes = hasBoxes ? [`${tables.map(({ name }) => name).join(', ')} gives each image a box.`] : [];
    const used = hasBoxes ? entries : entries.map(({ box: _, ...rest }) => rest);
    return sourceOfFiles({ folder, classes, entries: used, rejects, notes }, options);
  },
};

interface Table {
  name: string;
  columns: Columns;
  rows: Record<string, string>[];
}

interface Columns {
  file: string;
  label: string;
  split: string | undefined;
  /** Of the box: left, top, and right, bottom or width, height. */
  box: { names: [string, string, string, string]; isSize: boolean } | undefined;
}

const FILE_NAMES = [
  'filename',
  'file',
  'path',
  'filepath',
  'image',
  'image_path',
  'img',
  'image_name',
  'image_id',
  'id',
];
const LABEL_NAMES = [
  'label',
  'class',
  'classname',
  'class_name',
  'category',
  'target',
  'species',
  'breed',
  'y',
];
const SPLIT_NAMES = ['split', 'set', 'subset', 'partition', 'fold'];
const CORNERS = [
  ['xmin', 'ymin', 'xmax', 'ymax'],
  ['left', 'top', 'right', 'bottom'],
  ['x1', 'y1', 'x2', 'y2'],
] as const;
const SIZES = [
  ['x', 'y', 'width', 'height'],
  ['x', 'y', 'w', 'h'],
  ['left', 'top', 'width', 'height'],
] as const;

async function tablesIn(folder: string): Promise<Table[]> {
  const names = (await readdir(folder)).filter(name => /\.(csv|tsv)$/i.test(name)).sort(byCodeUnits);
  const tables: Table[] = [];
  for (const name of names) {
    const rows = parseTable(name, await readFile(join(folder, name)));
    const columns = rows[0] && columnsOf(Object.keys(rows[0]));
    if (columns) tables.push({ name, columns, rows });
  }
  return tables;
}

function parseTable(name: string, bytes: Buffer): Record<string, string>[] {
  const head = bytes.subarray(0, 4096).toString().split('\n', 1)[0]!;
  const delimiter = [',', ';', '\t'].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
  try {
    const options = { columns: true, bom: true, delimiter, trim: true, skip_empty_lines: true } as const;
    return parse(bytes, { ...options, relax_column_count: true }) as Record<string, string>[];
  } catch (error) {
    if (error instanceof CsvError) throw new UserError(`${name} is no CSV: ${error.message}.`);
    throw error;
  }
}

function columnsOf(names: readonly string[]): Columns | undefined {
  const find = (wanted: string) => names.find(name => name.toLowerCase() === wanted);
  const first = (wanted: readonly string[]) => wanted.map(find).find(name => name !== undefined);
  const [file, label] = [first(FILE_NAMES), first(LABEL_NAMES)];
  if (file === undefined || label === undefined) return undefined;
  const four = (all: readonly (readonly string[])[]) =>
    all.map(set => set.map(find)).find(set => set.every(name => name !== undefined)) as Four | undefined;
  const [corners, sizes] = [four(CORNERS), four(SIZES)];
  const names4 = corners ?? sizes;
  return { file, label, split: first(SPLIT_NAMES), box: names4 && { names: names4, isSize: !corners } };
}

type Four = [string, string, string, string];

interface FoundRow extends Omit<FileEntry, 'label'> {
  className: string;
}

function readRows(tables: readonly Table[], listing: Listing): { rows: FoundRow[]; rejects: Reject[] } {
  const rejects = [...listing.rejects];
  const named = new Set<string>(tables.map(({ name }) => name.normalize('NFC')));
  const rows: FoundRow[] = [];
  for (const { name, columns, rows: lines } of tables) {
    const ofTable = tables.length > 1 ? (splitNamed(stemOf(name)) ?? null) : null;
    for (const line of lines) {
      const wanted = line[columns.file] ?? '';
      const found = readRow(line, columns, listing, ofTable);
      if ('reason' in found) rejects.push({ path: `${name}: ${wanted}`, reason: found.reason });
      else if (named.has(found.path)) {
        rejects.push({
          path: `${name}: ${wanted}`,
          reason: 'An earlier row names the same file; that one counts.',
        });
      } else {
        named.add(found.path);
        rows.push(found);
      }
    }
  }
  for (const { path } of listing.files)
    if (!named.has(path)) rejects.push({ path, reason: 'No row of the CSV names it.' });
  return { rows, rejects };
}

function readRow(
  line: Record<string, string>,
  { file, label, split, box }: Columns,
  listing: Listing,
  ofTable: Split | null,
): FoundRow | { reason: string } {
  const className = line[label]?.normalize('NFC') ?? '';
  if (!line[file]) return { reason: 'The row names no file.' };
  if (className === '') return { reason: 'The row gives no class.' };
  const found = listing.find(line[file]);
  if ('reason' in found) return found;
  const row = { ...found, className, split: splitNamed(line[split ?? ''] ?? '') ?? ofTable };
  if (!box) return row;
  const [left, top, c, d] = box.names.map(name =>
    line[name] === '' ? Number.NaN : Number(line[name]),
  ) as Box;
  const whole: Box = box.isSize ? [left, top, c, d] : [left, top, c - left, d - top];
  if (!whole.every(Number.isFinite) || whole[2] <= 0 || whole[3] <= 0)
    return { reason: 'Its box makes no sense.' };
  return { ...row, box: whole };
}
