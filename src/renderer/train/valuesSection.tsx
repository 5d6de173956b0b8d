/** Settings that are no choice of a kind, drawn from their fields. What the document cannot hold stays a draft. */
import type { Training } from '../../engine/graph/document.ts';
import type { Fields } from '../../engine/layers/fields.ts';
import { editTraining, endGesture, useDocument } from '../store/openDocument.ts';
import { keepDraft, useTraining } from '../store/trainingRun.ts';
import { FieldForm } from '../ui/fields/fieldForm.tsx';

interface ValuesSectionProps {
  title: string;
  part: 'start' | 'regularisation' | 'stopping' | 'computing';
  fields: Fields;
}

export function ValuesSection({ title, part, fields }: ValuesSectionProps) {
  const kept = useDocument(state => state.document.training[part]);
  const drafts = useTraining(state => state.drafts);
  const idOf = (name: string) => `${part}-${name}`;
  const typed = Object.keys(fields).flatMap(name => {
    const draft = drafts[idOf(name)];
    return draft === undefined ? [] : [[name, draft] as const];
  });
  const change = (name: string, value: unknown) => {
    const isValid = fields[name]!.schema.safeParse(value).success;
    const draft = typeof value === 'number' ? value : String(value);
    keepDraft(idOf(name), isValid ? undefined : draft);
    if (isValid) editTraining({ [part]: { ...kept, [name]: value } } as Partial<Training>, idOf(name));
  };
  return (
    <section className="section" aria-label={title}>
      <h2>{title}</h2>
      <FieldForm
        id={part}
        fields={fields}
        values={{ ...kept, ...Object.fromEntries(typed) }}
        onChange={change}
        onDone={endGesture}
      />
    </section>
  );
}
