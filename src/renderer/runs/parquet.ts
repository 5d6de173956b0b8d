/** The table of runs as a Parquet file. Loaded when one is wanted. */
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, TableColumn } from '../../experiments/runTable.ts';

/** Numbers become doubles, switches booleans, all else text. */
export function parquetOf(columns: readonly TableColumn[]): Uint8Array {
  const columnData = columns.map(({ name, cells }) => {
    const type = typeOf(cells);
    const data = type === 'STRING' ? cells.map(cell => (cell === null ? null : String(cell))) : cells;
    return { name, data, type, nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function typeOf(cells: readonly Cell[]): BasicType {
  const kinds = new Set(cells.filter(cell => cell !== null).map(cell => typeof cell));
  if (kinds.size !== 1) return 'STRING';
  if (kinds.has('number')) return 'DOUBLE';
  return kinds.has('boolean') ? 'BOOLEAN' : 'STRING';
}
