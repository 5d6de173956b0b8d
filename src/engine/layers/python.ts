/** Python literals and calls, from which the PyTorch and Keras code of layers is written. */

/** A literal; an array is a tuple. */
export type PyValue = number | boolean | string | null | readonly PyValue[];

/** Source text, for what is no literal. */
export interface PyCode {
  readonly code: string;
}

export function literal(value: PyValue | PyCode): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return String(value);
  if ('code' in value) return value.code;
  return value.length === 1 ? `(${literal(value[0]!)},)` : `(${value.map(literal).join(', ')})`;
}

export function isSame(a: PyValue, b: PyValue): boolean {
  return literal(a) === literal(b);
}
