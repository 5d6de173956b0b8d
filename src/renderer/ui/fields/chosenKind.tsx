/** One of several kinds, and the form of the one that is chosen: an optimizer, a schedule, a loss, an augmentation. */
import { NativeSelect } from '@mantine/core';
import { type Fields, initialValues } from '../../../engine/layers/fields.ts';
import { FieldForm } from './fieldForm.tsx';
import { FieldRow } from './fieldRow.tsx';

/** As the document holds it: parameters as the form left them. */
export interface ChosenKindValue {
  kind: string;
  params: Record<string, never>;
}

interface Kind {
  readonly kind: string;
  readonly help: string;
  readonly fields: Fields;
}

interface ChosenKindProps {
  id: string;
  kinds: readonly Kind[];
  chosen: { readonly kind: string; readonly params: Readonly<Record<string, unknown>> };
  /** Parameters that something else than the form shows. */
  apart?: (name: string) => boolean;
  /** `gesture` names what edits one after the other belong together. */
  onChange: (chosen: ChosenKindValue, gesture?: string) => void;
  /** A field was left: what is typed next is another edit. */
  onDone: () => void;
}

export function ChosenKind({ id, kinds, chosen, apart = () => false, onChange, onDone }: ChosenKindProps) {
  const kind = kinds.find(each => each.kind === chosen.kind);
  const names = kinds.map(each => each.kind);
  const fields = Object.entries(kind?.fields ?? {}).filter(([name]) => !apart(name));
  return (
    <>
      <FieldRow id={id} label="Kind" help={kind?.help}>
        <NativeSelect
          id={id}
          value={chosen.kind}
          data={kind ? names : [chosen.kind, ...names]}
          onChange={event => {
            const next = kinds.find(each => each.kind === event.currentTarget.value);
            if (next)
              onChange({ kind: next.kind, params: initialValues(next.fields) as ChosenKindValue['params'] });
          }}
        />
      </FieldRow>
      <FieldForm
        id={`${id}-${chosen.kind}`}
        fields={Object.fromEntries(fields)}
        values={chosen.params}
        onChange={(name, value) => {
          const params = { ...chosen.params, [name]: value } as ChosenKindValue['params'];
          onChange({ kind: chosen.kind, params }, `${id} ${name}`);
        }}
        onDone={onDone}
      />
    </>
  );
}
