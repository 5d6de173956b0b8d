/** A form drawn from fields: of a layer, an optimizer, a loss. What they mean stands in the fields themselves. */
import type { ReactNode } from 'react';

import { explain } from '../../../engine/layers/explain.ts';
import type { Fields } from '../../../engine/layers/fields.ts';
import { FieldControl, isGroup } from './fieldControl.tsx';
import { FieldRow } from './fieldRow.tsx';
import './fields.css';

interface FieldFormProps {
  /** Sets this form's ids apart from others': a node's id, an optimizer's name. */
  id: string;
  fields: Fields;
  /** As the form left them; a missing one has its initial value. */
  values: Readonly<Record<string, unknown>>;
  onChange: (name: string, value: unknown) => void;
  onDone: () => void;
  /** What stands beside a field's control, where something does. */
  aside?: (name: string) => ReactNode;
}

export function FieldForm({ id, fields, values, onChange, onDone, aside }: FieldFormProps) {
  return Object.entries(fields).map(([name, field]) => {
    const value = name in values ? values[name] : field.initial;
    const error = explain(field, value);
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
