/** The sizes that figures are set to: one word for each in every view, and one form that lets through what is valid. */
import { useState } from 'react';
import { type Field, integer } from '../../engine/layers/fields.ts';
import { FieldForm } from '../ui/fields/fieldForm.tsx';

const words = {
  size: { label: 'Input', help: 'Rows and columns of the image.' },
  channels: { label: 'Channels', help: 'Channels of the image.' },
  filters: { label: 'Filters', help: 'Each gives one channel of the output.' },
  window: { label: 'Window', help: 'Rows and columns of a window.' },
  kernelSize: { label: 'Kernel', help: 'Rows and columns of a filter.' },
  stride: { label: 'Stride', help: 'Pixels between two positions.' },
  padding: { label: 'Padding', help: 'Zeros on every side.', min: 0 },
  extra: { label: 'More at the end', help: 'Further zeros below and on the right.', min: 0 },
  dilation: { label: 'Dilation', help: 'Distance between the pixels read.' },
} as const;

type SettingName = keyof typeof words;

interface Range {
  initial: number;
  max: number;
  /** Where the word means something else in this figure. */
  help?: string;
}

export type Settings<N extends SettingName> = { readonly [K in N]: number };

/** Whole numbers from 1, or from 0 for what may be missing. */
export function settingFields<N extends SettingName>(ranges: Readonly<Record<N, Range>>) {
  const fields = Object.entries<Range>(ranges).map(([name, range]) => [
    name,
    integer({ min: 1, ...words[name as N], ...range }),
  ]);
  return Object.fromEntries(fields) as Record<N, Field<number>>;
}

interface SettingsFormProps<N extends SettingName> {
  id: string;
  fields: Readonly<Record<N, Field<number>>>;
  values: Settings<NoInfer<N>>;
  onChange: (change: Partial<Settings<NoInfer<N>>>) => void;
}

/** What is typed stays as it is; only what is valid goes on. */
export function SettingsForm<N extends SettingName>({ id, fields, values, onChange }: SettingsFormProps<N>) {
  const [invalid, setInvalid] = useState<Readonly<Record<string, unknown>>>({});
  return (
    <FieldForm
      id={id}
      fields={fields}
      values={{ ...values, ...invalid }}
      onChange={(name, value) => {
        const { [name]: _, ...others } = invalid;
        const isValid = fields[name as N].schema.safeParse(value).success;
        setInvalid(isValid ? others : { ...others, [name]: value });
        if (isValid) onChange({ [name]: value } as Partial<Settings<N>>);
      }}
      onDone={() => {}}
    />
  );
}
