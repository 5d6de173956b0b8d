/** A matrix of numbers, small enough to be read: a table, its cells marked by what happens to them. */
import { decimal } from '../../ui/numberFormat.ts';

export type CellMark = 'window' | 'read' | 'padding' | 'current' | 'later' | 'beyond' | undefined;

interface NumberGridProps {
  title: string;
  rows: readonly (readonly number[])[];
  /** What a cell is now; undefined: nothing special. */
  mark?: (row: number, column: number) => CellMark;
  /** The hue of marked cells. */
  hue?: string;
  /** Makes cells of a kind that can be typed into. */
  onEdit?: (row: number, column: number, value: number) => void;
  /** Which cells can be typed into; all where it is missing. */
  isEditable?: (row: number, column: number) => boolean;
  onPick?: (row: number, column: number) => void;
}

export function NumberGrid({ title, rows, mark, hue, onEdit, isEditable, onPick }: NumberGridProps) {
  return (
    <table className="number-grid" style={hue ? ({ '--hue': hue } as React.CSSProperties) : undefined}>
      <caption>{title}</caption>
      <tbody>
        {rows.map((row, y) => (
          <tr key={String(y)}>
            {row.map((value, x) => (
              <td key={String(x)} data-mark={mark?.(y, x)}>
                <Cell
                  name={`${title}, row ${y + 1}, column ${x + 1}`}
                  value={value}
                  {...(onEdit &&
                    (isEditable?.(y, x) ?? true) && { onEdit: (next: number) => onEdit(y, x, next) })}
                  {...(onPick && { onPick: () => onPick(y, x) })}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  name: string;
  value: number;
  onEdit?: (value: number) => void;
  onPick?: () => void;
}

/** A number: to read, to type into, or to click on. Keys reach what a click does by the stepper. */
function Cell({ name, value, onEdit, onPick }: CellProps) {
  if (onEdit) return <EditCell name={name} value={value} onEdit={onEdit} />;
  if (!onPick) return cellText(value);
  return (
    <button type="button" tabIndex={-1} aria-label={`${name}: ${cellText(value)}`} onClick={onPick}>
      {cellText(value)}
    </button>
  );
}

function EditCell({ name, value, onEdit }: { name: string; value: number; onEdit: (value: number) => void }) {
  return (
    <input
      aria-label={name}
      inputMode="decimal"
      defaultValue={String(value).replace('-', '−')}
      key={value}
      onFocus={event => event.target.select()}
      onKeyDown={event => event.key === 'Enter' && event.currentTarget.blur()}
      onBlur={event => {
        const next = Number(event.target.value.replace('−', '-').replace(',', '.'));
        if (event.target.value.trim() !== '' && Number.isFinite(next)) onEdit(next);
        else event.target.value = String(value).replace('-', '−');
      }}
    />
  );
}

/** At most three figures: cells are narrow. */
export function cellText(value: number): string {
  if (Number.isNaN(value)) return '·';
  return Math.abs(value) < 1e-6 ? '0' : decimal(value, 3);
}
