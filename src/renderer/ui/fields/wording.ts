/**
 * Between what a person types and the value it means. Text that is no number stays text: the document keeps what
 * was typed, the kind's schema refuses it, and `explain` (engine/layers/parameterErrors.ts) says why. Nothing is reset.
 */

/** The number that a text means, or the text itself. */
export function readNumber(text: string): number | string {
  const plain = text.trim().replaceAll('\u2212', '-').replace(/\s/g, '');
  const value = Number(plain);
  return plain !== '' && Number.isFinite(value) ? value : text;
}

export function writeValue(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
