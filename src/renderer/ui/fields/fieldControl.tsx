/** The control for one value, chosen by the field's widget. Knows widgets; knows no layer. */
import { ActionIcon, NativeSelect, Switch, TextInput } from '@mantine/core';
import { IconLink, IconUnlink } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import type { Field, Widget } from '../../../engine/layers/fields.ts';
import { errorId } from './fieldRow.tsx';
import { NumberInput } from './textInput.tsx';

export interface ControlProps {
  id: string;
  field: Field<unknown>;
  /** As the form left it: valid or not. */
  value: unknown;
  invalid: boolean;
  onChange: (value: unknown) => void;
  /** The gesture of typing ended. */
  onDone: () => void;
}

export function FieldControl(props: ControlProps) {
  const Control = controls[props.field.widget];
  return <Control {...props} />;
}

/** Widgets of several controls, which their row must label as a group. */
export function isGroup(widget: Widget): boolean {
  return widget === 'pair' || widget === 'padding' || widget === 'imageShape' || widget === 'kernel';
}

function NumberControl({ id, field, value, invalid, onChange, onDone }: ControlProps) {
  return (
    <NumberInput
      id={id}
      value={value}
      invalid={invalid}
      describedBy={errorId(id)}
      counts={field.widget === 'integer'}
      onChange={onChange}
      onDone={onDone}
    />
  );
}

/** What a choice shows where several nodes have different values. */
const MIXED = 'mixed';

function ToggleControl({ id, value, onChange }: ControlProps) {
  if (value === undefined) {
    return (
      <NativeSelect
        id={id}
        data={[MIXED, 'on', 'off']}
        value={MIXED}
        onChange={event => onChange(event.currentTarget.value === 'on')}
      />
    );
  }
  return (
    <Switch id={id} checked={value === true} onChange={event => onChange(event.currentTarget.checked)} />
  );
}

function ChoiceControl({ id, field, value, invalid, onChange }: ControlProps) {
  const chosen = value === undefined ? MIXED : String(value);
  const options = field.options ?? [];
  return (
    <NativeSelect
      id={id}
      aria-invalid={invalid}
      data={options.includes(chosen) ? [...options] : [chosen, ...options]}
      value={chosen}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}

/** Several numbers side by side: `3 × 3`. */
interface NumbersProps extends ControlProps {
  names: readonly string[];
  /** What stands between two of them. */
  between: string;
  /** Whether one change goes to all. */
  linked: boolean;
}

function Numbers({ id, names, between, linked, value, invalid, onChange, onDone }: NumbersProps) {
  const values: readonly unknown[] = Array.isArray(value) ? value : names.map(() => value);
  return names.map((name, i) => (
    <Fragment key={name}>
      {i > 0 && between !== '' && <span className="field-between">{between}</span>}
      <NumberInput
        label={name}
        value={values[i]}
        invalid={invalid}
        describedBy={errorId(id)}
        counts
        onChange={next => onChange(names.map((_, j) => (linked || i === j ? next : values[j])))}
        onDone={onDone}
      />
    </Fragment>
  ));
}

function LinkButton({ linked, label, onChange }: { linked: boolean; label: string; onChange: () => void }) {
  const Icon = linked ? IconLink : IconUnlink;
  return (
    <ActionIcon size={22} aria-label={label} aria-pressed={linked} title={label} onClick={onChange}>
      <Icon size={14} />
    </ActionIcon>
  );
}

function PairControl(props: ControlProps) {
  const { id, value, invalid, onChange, onDone } = props;
  const [linked, setLinked] = useState(() => allEqual(value));
  const equal = linked && allEqual(value);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return (
    <>
      {equal ? (
        <NumberInput
          label="Height and width"
          value={first}
          invalid={invalid}
          describedBy={errorId(id)}
          counts
          onChange={next => onChange([next, next])}
          onDone={onDone}
        />
      ) : (
        <Numbers {...props} names={['Height', 'Width']} between="×" linked={false} />
      )}
      <LinkButton
        linked={equal}
        label="One number for both"
        onChange={() => {
          if (!equal && Array.isArray(value) && first !== undefined) onChange([first, first]);
          setLinked(!equal);
        }}
      />
    </>
  );
}

function ImageShapeControl(props: ControlProps) {
  return <Numbers {...props} names={['Channels', 'Height', 'Width']} between="×" linked={false} />;
}

/** As many numbers as are wanted, with commas or spaces between them. */
function NumbersListControl({ id, value, invalid, onChange, onDone }: ControlProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (Array.isArray(value) ? value.join(', ') : String(value));
  return (
    <TextInput
      id={id}
      value={shown}
      error={invalid}
      aria-describedby={errorId(id)}
      onChange={event => {
        const text = event.currentTarget.value;
        const parts = text.split(/[\s,]+/).filter(part => part !== '');
        const numbers = parts.map(Number);
        setTyped(text);
        // What is no number stays as it was typed, so that the form can say so.
        onChange(numbers.some(Number.isNaN) ? text : numbers);
      }}
      onBlur={() => {
        setTyped(null);
        onDone();
      }}
    />
  );
}

const PIXELS = 'pixels';
const SIDES = ['Top', 'Bottom', 'Left', 'Right'];

function PaddingControl(props: ControlProps) {
  const { id, field, value, invalid, onChange, onDone } = props;
  const [linked, setLinked] = useState(() => allEqual(value));
  const equal = linked && allEqual(value);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const choose = (mode: string) => {
    if (mode !== PIXELS) onChange(mode);
    else onChange(Array.isArray(field.initial) ? field.initial : [0, 0, 0, 0]);
  };
  const rules = field.options ?? [];
  const select = rules.length > 0 && (
    <NativeSelect
      aria-label="Rule"
      data={value === undefined ? [MIXED, PIXELS, ...rules] : [PIXELS, ...rules]}
      value={Array.isArray(value) ? PIXELS : value === undefined ? MIXED : String(value)}
      onChange={event => choose(event.currentTarget.value)}
    />
  );
  if (select && !Array.isArray(value)) return select;
  const link = (
    <LinkButton
      linked={equal}
      label="Keep all sides equal"
      onChange={() => {
        if (!equal && first !== undefined) onChange(SIDES.map(() => first));
        setLinked(!equal);
      }}
    />
  );
  // Below what chooses the rule, over the whole width: four numbers need it.
  return (
    <>
      {select}
      <div className={select ? 'field-line field-below' : 'field-line'}>
        {equal ? (
          <NumberInput
            label="All sides"
            value={first}
            invalid={invalid}
            describedBy={errorId(id)}
            counts
            onChange={next => onChange(SIDES.map(() => next))}
            onDone={onDone}
          />
        ) : (
          <Numbers {...props} names={SIDES} between="" linked={false} />
        )}
        {link}
      </div>
    </>
  );
}

const OWN_NUMBERS = 'own numbers';
/** What leaves the image as it is: numbers of one's own begin there. */
const IDENTITY_KERNEL = [0, 0, 0, 0, 1, 0, 0, 0, 0];

/** A kernel by name, or its numbers as a square. */
function KernelControl(props: ControlProps) {
  const { id, field, value, invalid, onChange, onDone } = props;
  const names = field.options ?? [];
  const own = Array.isArray(value) ? value : null;
  const side = own ? Math.sqrt(own.length) : 0;
  const columns = own && !Number.isInteger(side) ? own.length : side;
  return (
    <>
      <NativeSelect
        aria-label="Kernel"
        data={value === undefined ? [MIXED, ...names, OWN_NUMBERS] : [...names, OWN_NUMBERS]}
        value={own ? OWN_NUMBERS : value === undefined ? MIXED : String(value)}
        onChange={({ currentTarget: { value: name } }) =>
          onChange(name === OWN_NUMBERS ? IDENTITY_KERNEL : name)
        }
      />
      {own && (
        <div
          className="field-kernel field-below"
          style={{ gridTemplateColumns: `repeat(${columns}, minmax(40px, 1fr))` }}
        >
          {own.map((number, i) => (
            <NumberInput
              key={String(i)}
              label={`Row ${Math.floor(i / columns) + 1}, column ${(i % columns) + 1}`}
              value={number}
              invalid={invalid && typeof number === 'string'}
              describedBy={errorId(id)}
              onChange={next => onChange(own.with(i, next))}
              onDone={onDone}
            />
          ))}
        </div>
      )}
    </>
  );
}

function allEqual(value: unknown): boolean {
  return Array.isArray(value) && value.every(item => item === value[0]);
}

const controls: Record<Widget, (props: ControlProps) => React.ReactNode> = {
  integer: NumberControl,
  number: NumberControl,
  pair: PairControl,
  padding: PaddingControl,
  toggle: ToggleControl,
  choice: ChoiceControl,
  imageShape: ImageShapeControl,
  numbers: NumbersListControl,
  kernel: KernelControl,
};
