/** Python's literals, and calls made of them: what the PyTorch and the Keras form of a layer are written in. */

/** A value that stands in a call. An array is a tuple; no value here computes anything. */
export type PyValue = number | boolean | string | null | readonly PyValue[];

/** Code that stands for itself, where a literal cannot say it. */
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
