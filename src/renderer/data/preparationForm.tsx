/** How images of any size become the images of a dataset. */
import { NativeSelect } from '@mantine/core';
import type { Preparation } from '../../bridge/datasetCalls.ts';
import { FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';

export const DEFAULT_PREPARATION: Preparation = {
  size: null,
  fit: 'contain',
  colour: 'auto',
  normalise: 'dataset',
};

const USUAL_SIDE = 224;
const LARGEST_SIDE = 4096;

const FORM_CHOICES = {
  fit: {
    label: 'Other sizes',
    options: { contain: 'fitted whole, the rest black', cover: 'cut to the middle', fill: 'stretched' },
  },
  colour: { label: 'Colours', options: { auto: 'grey where all are', grey: 'grey', rgb: 'RGB' } },
  normalise: {
    label: 'Normalised by',
    options: {
      dataset: 'its own mean and deviation',
      imagenet: 'those of ImageNet',
      half: '0.5 and 0.5: −1 to 1',
      none: 'nothing: 0 to 1',
    },
  },
} as const;

interface PreparationFormProps {
  preparation: Preparation;
  onChange: (preparation: Preparation) => void;
  /** Whether it is laid open from the start. */
  isOpen?: boolean;
}

export function PreparationForm({ preparation, onChange, isOpen = false }: PreparationFormProps) {
  const { size } = preparation;
  const side = (name: 'height' | 'width') => (
    <FieldRow id={`prepare-${name}`} label={name === 'height' ? 'Height' : 'Width'}>
      <NumberInput
        id={`prepare-${name}`}
        value={size![name]}
        invalid={false}
        onChange={value => {
          if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LARGEST_SIDE)
            onChange({ ...preparation, size: { ...size!, [name]: value } });
        }}
      />
    </FieldRow>
  );
  return (
    <details className="data-preparation" open={isOpen}>
      <summary>Preparation</summary>
      <FieldRow id="prepare-size" label="Size">
        <NativeSelect
          id="prepare-size"
          value={size ? 'given' : 'found'}
          data={[
            { value: 'found', label: 'the most common, or 224×224' },
            { value: 'given', label: 'given' },
          ]}
          onChange={event => {
            const isGiven = event.currentTarget.value === 'given';
            onChange({ ...preparation, size: isGiven ? { height: USUAL_SIDE, width: USUAL_SIDE } : null });
          }}
        />
      </FieldRow>
      {size && side('height')}
      {size && side('width')}
      {(Object.keys(FORM_CHOICES) as (keyof typeof FORM_CHOICES)[]).map(name => (
        <FieldRow key={name} id={`prepare-${name}`} label={FORM_CHOICES[name].label}>
          <NativeSelect
            id={`prepare-${name}`}
            value={preparation[name]}
            data={Object.entries(FORM_CHOICES[name].options).map(([value, label]) => ({ value, label }))}
            onChange={event => onChange({ ...preparation, [name]: event.currentTarget.value })}
          />
        </FieldRow>
      ))}
    </details>
  );
}
