/**
 * Reads CSV files row by row, separated by commas, semicolons or tabs. Files may be larger than memory; rows are
 * limited.
 */
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { openRegularFile, streamOfRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';
import { reasonOf } from '../import/readableRoots.ts';
import { MOST_COLUMNS, MOST_CSV_ROW } from '../limits.ts';
import { quoted } from '../quote.ts';

/** Bytes of the beginning from which the separator is determined. */
const SEPARATOR_SAMPLE_BYTES = 4096;

/**
 * The rows, beginning with the header.
 *
 * @param name the file's name in messages
 * @throws UserError where it is no CSV, or cannot be read
 */
export async function* recordsOf(file: string, name: string): AsyncGenerator<readonly string[]> {
  try {
    const delimiter = await delimiterOf(file);
    const parser = parse({
      ...{ bom: true, delimiter, trim: true, skip_empty_lines: true, relax_column_count: true },
      max_record_size: MOST_CSV_ROW,
    });
    let row = 0;
    for await (const record of pipeline(await streamOfRegularFile(file), parser, () => undefined)) {
      row++;
      const { length } = record as string[];
      if (length > MOST_COLUMNS) {
        throw new UserError(`Row ${row} of ${name} has ${length} columns: at most ${MOST_COLUMNS} are read.`);
      }
      yield record as string[];
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (!(error instanceof CsvError)) throw new UserError(`The file ${name} ${reasonOf(error)}.`);
    throw new UserError(
      error.code === 'CSV_MAX_RECORD_SIZE'
        ? `${name} is no CSV: a row has more than ${MOST_CSV_ROW} characters, or a quote in it is not closed.`
        : `${name} is no CSV: ${quoted(error.message)}.`,
    );
  }
}

async function delimiterOf(file: string): Promise<string> {
  const { handle } = await openRegularFile(file);
  await using closing = handle;
  const bytes = Buffer.alloc(SEPARATOR_SAMPLE_BYTES);
  const { bytesRead } = await closing.read(bytes, 0, SEPARATOR_SAMPLE_BYTES, 0);
  const head = bytes.subarray(0, bytesRead).toString().split('\n', 1)[0]!;
  return [',', ';', '\t'].reduce((a, b) => (head.split(b).length > head.split(a).length ? b : a));
}
