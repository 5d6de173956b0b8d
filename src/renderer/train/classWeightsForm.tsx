/** How much each class counts: all alike, by how rare it is, or as a person says. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Field } from '../../engine/layers/fields.ts';
import { explain } from '../../engine/layers/parameterErrors.ts';
import { balancedWeights } from '../../engine/losses/balancedWeights.ts';
import { endGesture } from '../store/openDocument.ts';
import { errorId } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { count } from '../ui/numberFormat.ts';

interface ClassWeightsProps {
  id: string;
  field: Field<unknown>;
  /** As the form left it: a number for each class, or none. */
  value: unknown;
  classes: readonly string[];
  /** How many training images, or their pixels, each class has; undefined until they are counted. */
  counts: readonly number[] | undefined;
  unit: 'image' | 'pixel';
  /** `typed`: whether it belongs to what is being typed into one field. */
  onChange: (weights: readonly unknown[], typed?: boolean) => void;
}

export function ClassWeights({ id, field, value, classes, counts, unit, onChange }: ClassWeightsProps) {
  const weights: readonly unknown[] = Array.isArray(value) ? value : [];
  const [open, setOpen] = useState(weights.length > 0);
  const wrongCount = weights.length > 0 && weights.length !== classes.length;
  const error = wrongCount
    ? `${count(weights.length)} weights for ${count(classes.length)} classes.`
    : explain(field, value);
  const shown = classes.map((_, i) => weights[i] ?? 1);
  return (
    <fieldset className="class-weights" aria-label={field.label}>
      <div className="class-weights-head">
        <span className="field-label" title={field.help}>
          {field.label}
        </span>
        <Button
          size="compact-xs"
          title={`All classes count alike: right where they have about as many ${unit}s.`}
          disabled={weights.length === 0}
          onClick={() => onChange([])}
        >
          Alike
        </Button>
        {counts && (
          <Button
            size="compact-xs"
            title={`Each class counts as much as any other, however few ${unit}s it has: all ${unit}s over those of the class.`}
            onClick={() => {
              setOpen(true);
              onChange(balancedWeights(counts));
            }}
          >
            Balance
          </Button>
        )}
        <Button
          size="compact-xs"
          aria-expanded={open}
          title="A weight for each class"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Hide' : 'Each…'}
        </Button>
      </div>
      {error !== undefined && (
        <p className="field-error" id={errorId(id)} role="status">
          {error}
        </p>
      )}
      {open && (
        <ul>
          {classes.map((name, i) => (
            <li key={name}>
              <span className="truncate" title={name}>
                {name}
              </span>
              <span className="tiny">{counts ? count(counts[i] ?? 0) : ''}</span>
              <NumberInput
                label={`Weight of ${name}`}
                value={shown[i]}
                invalid={error !== undefined && typeof shown[i] !== 'number'}
                describedBy={errorId(id)}
                onChange={next => onChange(shown.with(i, next), true)}
                onDone={endGesture}
              />
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}
