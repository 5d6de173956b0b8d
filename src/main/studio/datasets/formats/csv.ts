/**
 * Files with a CSV beside them, one row for each image: a column for the file, one for the class; where there are
 * columns for them, its split and a box (xmin, ymin, xmax, ymax, or x, y, width, height; in pixels). Several CSV
 * files named train, val and test give the split. Commas, semicolons and tabs divide.
 */
import { join } from 'node:path';
import type { Split } from '../../../../bridge/datasetCalls.ts';
import type { Reject } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { Box } from '../decode/imageGeometry.ts';
import { MOST_IMAGES, MOST_NAME } from '../limits.ts';
import { quoted } from '../quote.ts';
import { recordsOf } from './csvRecords.ts';
import type { FormatReader } from './datasetFormat.ts';
import { Listing, stemOf } from './fileListing.ts';
import { type FileEntry, sourceOfFiles } from './imageFiles.ts';
import { splitNamed } from './splitNames.ts';
import { type Admits, byCodeUnits, filesIn } from './walkFolder.ts';

export const csv: FormatReader = {
  name: 'csv',
  async recognise(folder, admits) {
    const tables = await tablesIn(folder, admits).catch(() => []);
    const [table] = tables;
    return (
      table &&
      `${table.name} names files (${quoted(table.names[table.columns.file]!)}) and their classes (${quoted(table.names[table.columns.label]!)})`
    );
  },
  async open(folder, options) {
    const tables = await tablesIn(folder, options.admits);
    if (tables.length === 0) {
      throw new UserError(
        `${folder} holds no CSV with a column for the file (such as “filename”) and one for the class (such as “label”).`,
      );
    }
    const listing = await Listing.of(folder, options);
    const { rows, rejects } = await readRows(folder, tables, listing, options.signal);
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
  /** What its columns are called. */
  names: readonly string[];
  columns: Columns;
}

/** The indices of the columns that are read. */
interface Columns {
  file: number;
  label: number;
  split: number | undefined;
  /** Of the box: left, top, and right, bottom or width, height. */
  box: { places: Four; isSize: boolean } | undefined;
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
const CORNER_COLUMNS = [
  ['xmin', 'ymin', 'xmax', 'ymax'],
  ['left', 'top', 'right', 'bottom'],
  ['x1', 'y1', 'x2', 'y2'],
] as const;
const SIZE_COLUMNS = [
  ['x', 'y', 'width', 'height'],
  ['x', 'y', 'w', 'h'],
  ['left', 'top', 'width', 'height'],
] as const;

/** Those that have the columns, and a row. @throws UserError where there are none, and a file could not be read */
async function tablesIn(folder: string, admits: Admits): Promise<Table[]> {
  const tables: Table[] = [];
  const faults: unknown[] = [];
  for (const name of await filesIn(folder, admits)) {
    if (!/\.(csv|tsv)$/i.test(name)) continue;
    const table = await tableOf(folder, name).catch(fault => void faults.push(fault));
    if (table) tables.push(table);
  }
  if (tables.length === 0 && faults.length > 0) throw faults[0];
  return tables;
}

/** Undefined where columns or rows are missing. */
async function tableOf(folder: string, name: string): Promise<Table | undefined> {
  const records = recordsOf(join(folder, name), name);
  const { value: names } = await records.next();
  const columns = names && columnsOf(names);
  if (!columns) return undefined;
  // Errors in rows are reported when they are read.
  const hasRow = await records.next().then(
    ({ done }) => !done,
    () => true,
  );
  await records.return(undefined);
  return hasRow ? { name, names, columns } : undefined;
}

function columnsOf(names: readonly string[]): Columns | undefined {
  const find = (wanted: string) => {
    const name = names.find(each => each.toLowerCase() === wanted);
    // Of equally named columns the last one counts.
    return name === undefined ? undefined : names.lastIndexOf(name);
  };
  const first = (wanted: readonly string[]) => wanted.map(find).find(place => place !== undefined);
  const [file, label] = [first(FILE_NAMES), first(LABEL_NAMES)];
  if (file === undefined || label === undefined) return undefined;
  const four = (all: readonly (readonly string[])[]) =>
    all.map(set => set.map(find)).find(set => set.every(place => place !== undefined)) as Four | undefined;
  const [corners, sizes] = [four(CORNER_COLUMNS), four(SIZE_COLUMNS)];
  const places = corners ?? sizes;
  return { file, label, split: first(SPLIT_NAMES), box: places && { places, isSize: !corners } };
}

type Four = [number, number, number, number];

interface FoundRow extends Omit<FileEntry, 'label'> {
  className: string;
}

async function readRows(
  folder: string,
  tables: readonly Table[],
  listing: Listing,
  signal: AbortSignal,
): Promise<{ rows: FoundRow[]; rejects: Reject[] }> {
  const rejects = [...listing.rejects];
  const named = new Set<string>(tables.map(({ name }) => name.normalize('NFC')));
  const rows: FoundRow[] = [];
  let count = 0;
  for (const { name, columns } of tables) {
    const ofTable = tables.length > 1 ? (splitNamed(stemOf(name)) ?? null) : null;
    let isHead = true;
    for await (const record of recordsOf(join(folder, name), name)) {
      signal.throwIfAborted();
      if (isHead) {
        isHead = false;
        continue;
      }
      if (++count > MOST_IMAGES)
        throw new UserError(`${name} has more than ${MOST_IMAGES} rows: import it in parts.`);
      const path = `${name}: ${quoted(record[columns.file] ?? '')}`;
      const found = readRow(record, columns, listing, ofTable);
      if ('reason' in found) rejects.push({ path, reason: found.reason });
      else if (named.has(found.path)) {
        rejects.push({ path, reason: 'An earlier row names the same file; that one counts.' });
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
  record: readonly string[],
  { file, label, split, box }: Columns,
  listing: Listing,
  ofTable: Split | null,
): FoundRow | { reason: string } {
  const className = record[label]?.normalize('NFC') ?? '';
  if (!record[file]) return { reason: 'The row names no file.' };
  if (className === '') return { reason: 'The row gives no class.' };
  if (className.length > MOST_NAME)
    return {
      reason: `Its class has a name of ${className.length} characters; at most ${MOST_NAME} are taken.`,
    };
  const found = listing.find(record[file]);
  if ('reason' in found) return found;
  const named = split === undefined ? undefined : splitNamed(record[split] ?? '');
  const row = { ...found, className, split: named ?? ofTable };
  if (!box) return row;
  const [left, top, c, d] = box.places.map(place =>
    record[place] === '' ? Number.NaN : Number(record[place]),
  ) as Box;
  const whole: Box = box.isSize ? [left, top, c, d] : [left, top, c - left, d - top];
  if (!whole.every(Number.isFinite) || whole[2] <= 0 || whole[3] <= 0)
    return { reason: 'Its box makes no sense.' };
  return { ...row, box: whole };
}
