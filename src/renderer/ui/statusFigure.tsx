/** A figure in the status bar, and what it is of. */
export function StatusFigure({ label, value }: { label: string; value: string }) {
  return (
    <span>
      {label} <b>{value}</b>
    </span>
  );
}
