/** A form drawn from fields: of a layer, an optimizer, a loss. What they mean stands in the fields themselves. */
import type { ReactNode } from 'react';

import { isMixed } from '../../../engine/graph/sharedParams.ts';
import type { Fields } from '../../../engine/layers/fields.ts';
import { explain } from '../../../engine/layers/parameterErrors.ts';
import { FieldControl, isGroup } from './fieldControl.tsx';
import { FieldRow } from './fieldRow.tsx';
import './fields.css';

interface FieldFormProps {
  /** Sets this form's ids apart from others': a node's id, an optimizer's name. */
  id: string;
  fields: Fields;
  /** As the form left them; a missing one has its initial value, an undefined one several at once. */
  values: Readonly<Record<string, unknown>>;
  onChange: (name: string, value: unknown) => void;
  onDone: () => void;
  /** What is wrong with one of several values. */
  errors?: Readonly<Record<string, string | undefined>>;
  /** What stands beside a field's control, where something does. */
  aside?: (name: string) => ReactNode;
}

export function FieldForm({ id, fields, values, onChange, onDone, errors, aside }: FieldFormProps) {
  return Object.entries(fields).map(([name, field]) => {
    const value = name in values ? values[name] : field.initial;
    const error = isMixed(value) ? errors?.[name] : explain(field, value);
    const controlId = `${id}-${name}`;
    return (
      <FieldRow
        key={controlId}
        id={controlId}
        label={field.label}
        help={field.help}
        error={error}
        group={isGroup(field.widget)}
      >
        <FieldControl
          id={controlId}
          field={field}
          value={value}
          invalid={error !== undefined}
          onChange={next => onChange(name, next)}
          onDone={onDone}
        />
        {aside?.(name)}
      </FieldRow>
    );
  });
}
