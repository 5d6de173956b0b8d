/**
 * How the window writes figures: thin spaces between thousands, a real minus sign, units that people read. Every number on screen passes through here.
 */

const THIN_SPACE = '\u2009';
/** Between a figure and its unit. */
const NO_BREAK = '\u00a0';
const MINUS = '\u2212';

/** What stands where a figure is not known. */
export const UNKNOWN_FIGURE = '—';

/** `11 689 512` */
export function count(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN_FIGURE;
  return sign(value) + group(Math.round(Math.abs(value)).toString());
}

/** With its sign, for differences: `+31 370`, `−12`, `±0`. */
export function signed(value: number): string {
  return value === 0 ? '±0' : (value > 0 ? '+' : '') + count(value);
}

/** Three figures and a letter: `3.61 M`, `1.82 G`; below a thousand as it is. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN_FIGURE;
  const units = ['', 'k', 'M', 'G', 'T', 'P'];
  const magnitude = Math.abs(value);
  const power = magnitude < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(magnitude) / 3));
  if (power === 0) return sign(value) + figures(magnitude);
  return `${sign(value)}${figures(magnitude / 1000 ** power)}${NO_BREAK}${units[power]}`;
}

export function signedShort(value: number): string {
  return value === 0 ? '±0' : (value > 0 ? '+' : '') + short(value);
}

/** Memory in powers of 1024: `3.06 MiB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN_FIGURE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [power, rest] = [0, Math.abs(value)];
  while (rest >= 1024 && power < units.length - 1) [power, rest] = [power + 1, rest / 1024];
  return `${sign(value)}${power === 0 ? Math.round(rest) : figures(rest)}${NO_BREAK}${units[power]}`;
}

/** A duration: `0.8 s`, `42 s`, `2 m 08 s`, `1 h 05 m`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return UNKNOWN_FIGURE;
  if (seconds < 10) return `${seconds.toFixed(1)}${NO_BREAK}s`;
  const whole = Math.round(seconds);
  const two = (value: number) => value.toString().padStart(2, '0');
  if (whole < 60) return `${whole}${NO_BREAK}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}${NO_BREAK}m ${two(whole % 60)}${NO_BREAK}s`;
  return `${count(Math.floor(whole / 3600))}${NO_BREAK}h ${two(Math.floor((whole % 3600) / 60))}${NO_BREAK}m`;
}

/** A metric or setting: at most `digits` significant figures, small and large ones in powers of ten. */
export function decimal(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : `${MINUS}∞`;
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-4) {
    const [mantissa, exponent] = magnitude.toExponential(digits - 1).split('e') as [string, string];
    return `${sign(value)}${trimZeros(mantissa)}e${exponent.replace('+', '').replace('-', MINUS)}`;
  }
  const [whole, fraction] = trimZeros(roundedTo(magnitude, digits)).split('.') as [string, string?];
  return sign(value) + group(whole) + (fraction ? `.${fraction}` : '');
}

/** `toPrecision` that never writes powers of ten: what is larger than its figures is filled up with zeros. */
function roundedTo(magnitude: number, digits: number): string {
  const text = magnitude.toPrecision(digits);
  return text.includes('e') ? String(Number(text)) : text;
}

/** A share of one with a fixed number of places, so that columns align: `0.9241`. */
export function fraction(value: number, places = 4): string {
  return Number.isFinite(value) ? sign(value) + Math.abs(value).toFixed(places) : UNKNOWN_FIGURE;
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)}${NO_BREAK}%` : UNKNOWN_FIGURE;
}

/** `1 image`, `3 000 images`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Numbers inside a sentence or a formula, with their thousands set apart. */
export function groupDigits(text: string): string {
  return text.replace(/\d{4,}/g, group);
}

/** A day and a time, in the reader's own way. */
export function moment(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

function sign(value: number): string {
  return value < 0 ? MINUS : '';
}

/** Four figures stay together (`1000`) in no case: a column of counts must align. */
function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** Three significant figures, no trailing zeros after a whole number. */
function figures(magnitude: number): string {
  if (Number.isInteger(magnitude) && magnitude < 1000) return magnitude.toString();
  return magnitude >= 100 ? magnitude.toFixed(0) : magnitude.toPrecision(3);
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
