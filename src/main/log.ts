/**
 * What a process writes to its error output about a defect, for whoever looks into it. A log is copied and shown
 * around: no line of it holds what lets its reader into the studio.
 */
import { inspect } from 'node:util';

export function logDefect(where: string, error: unknown): void {
  console.error(withoutSecrets(`${where}: ${inspect(error)}`));
}

/** The text without tokens of addresses and cookies. */
export function withoutSecrets(text: string): string {
  return text.replace(/(token(?:=|%3D)|receptive-\d+=)[\w%.~+/-]+/gi, '$1…');
}
