/** One row of a form: label with help, control, and below it what is wrong. */
import { Tooltip } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useState } from 'react';

interface FieldRowProps {
  /** The control's id; the explanation's is derived from it. */
  id: string;
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  /** Several controls under one label make a group. */
  group?: boolean;
  children: ReactNode;
}

export function errorId(id: string): string {
  return `${id}-error`;
}

export function FieldRow({ id, label, help, error, group = false, children }: FieldRowProps) {
  // Who walks by keys is told as well: the key that brought the focus here goes up here.
  const [isTold, setTold] = useState(false);
  const arrived = ({ key }: KeyboardEvent) => setTold(key === 'Tab');
  const caption = group ? <span id={`${id}-label`}>{label}</span> : <label htmlFor={id}>{label}</label>;
  const row = (
    <>
      <span className="field-label">
        {help === undefined ? (
          caption
        ) : (
          <Tooltip label={help} position="left" {...(isTold && { opened: true })}>
            {caption}
          </Tooltip>
        )}
      </span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears of the keys that its controls take */}
      <div className="field-control" onKeyUp={arrived} onBlur={() => setTold(false)}>
        {children}
      </div>
      {error !== undefined && (
        <p className="field-error" id={errorId(id)} role="status">
          {error}
        </p>
      )}
    </>
  );
  if (!group) return <div className="field">{row}</div>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a row of a grid with its legend in a cell
    <div className="field" role="group" aria-labelledby={`${id}-label`}>
      {row}
    </div>
  );
}
