/** The likeliest classes with their probabilities as bars. */
import { fraction } from '../ui/numberFormat.ts';

interface TopClassesProps {
  label: string;
  probabilities: readonly number[];
  classes: readonly string[];
  most?: number;
  onPick?: (index: number) => void;
  chosen?: number | null;
}

export function TopClasses({ label, probabilities, classes, most = 5, onPick, chosen }: TopClassesProps) {
  const ranked = probabilities
    .map((probability, index) => ({ probability, index }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, most);
  return (
    <ol className="top-classes" aria-label={label}>
      {ranked.map(({ probability, index }) => {
        const row = (
          <>
            <i style={{ width: `${100 * probability}%` }} />
            <span className="truncate">{classNameOf(classes, index)}</span>
            <b>{fraction(probability, 3)}</b>
          </>
        );
        return (
          <li key={index}>
            {onPick ? (
              <button type="button" aria-pressed={index === chosen} onClick={() => onPick(index)}>
                {row}
              </button>
            ) : (
              <span className="top-class">{row}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

export function classNameOf(classes: readonly string[], index: number): string {
  return classes[index] ?? `class ${index + 1}`;
}
