/** The size that a solver is asked for: height and width, as they are typed. */
import { endGesture } from '../store/openDocument.ts';
import { NumberInput } from '../ui/fields/textInput.tsx';

interface WantedSizeProps {
  wanted: readonly unknown[];
  onChange: (wanted: readonly unknown[]) => void;
}

export function WantedSize({ wanted, onChange }: WantedSizeProps) {
  return (
    <div className="field-line">
      {['Output height', 'Output width'].map((name, i) => (
        <NumberInput
          key={name}
          label={name}
          value={wanted[i]}
          invalid={!isSize(wanted)}
          counts
          onChange={next => onChange(wanted.map((extent, j) => (i === j ? next : extent)))}
          onDone={endGesture}
        />
      ))}
    </div>
  );
}

/** Whether both are sizes that an image can have. */
export function isSize(wanted: readonly unknown[]): boolean {
  return wanted.every(extent => Number.isInteger(extent) && (extent as number) > 0);
}
