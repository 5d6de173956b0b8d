/** A line of text that means a value: keeps what is typed while it means that value, however it is written. */
import { type KeyboardEvent, useState } from 'react';
import { readNumber, writeValue } from './wording.ts';

interface NumberInputProps {
  id?: string | undefined;
  label?: string | undefined;
  value: unknown;
  invalid: boolean;
  /** The id of the element that says what is wrong. */
  describedBy?: string | undefined;
  /** Whether the arrow keys count up and down. */
  counts?: boolean;
  onChange: (value: number | string) => void;
  /** The gesture ended: the field was left, or Enter pressed. */
  onDone?: (() => void) | undefined;
}

export function NumberInput(props: NumberInputProps) {
  const { value, onChange, onDone, invalid } = props;
  const [text, setText] = useState(() => writeValue(value));
  // Another value than the text means came from elsewhere: undo, a repair, a linked field.
  const shown = readNumber(text) === value ? text : writeValue(value);

  const change = (next: string) => {
    setText(next);
    onChange(readNumber(next));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') onDone?.();
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (!props.counts || step === 0 || typeof value !== 'number') return;
    event.preventDefault();
    change(String(value + step * (event.shiftKey ? 10 : 1)));
  };
  return (
    <input
      id={props.id}
      className="input"
      aria-label={props.label}
      aria-invalid={invalid}
      aria-describedby={invalid ? props.describedBy : undefined}
      inputMode="decimal"
      autoComplete="off"
      spellCheck={false}
      placeholder={value === undefined ? 'mixed' : undefined}
      value={shown}
      onChange={event => change(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={onDone}
      onFocus={event => event.target.select()}
    />
  );
}
