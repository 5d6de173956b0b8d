/**
 * What a person reads on a terminal passes here and nowhere else (tests/terminal.test.ts). Names, paths and messages
 * hold whatever somebody put into them, and a terminal obeys what it is sent: it moves the cursor, renames its
 * window, turns text around.
 */
import { inspect } from 'node:util';

/**
 * Control characters, what changes the direction of text or cannot be seen, and other ends of lines. Emoji are joined
 * by two of them (U+200C, U+200D), which stay.
 */
const UNPRINTABLE = /(?!\u200c|\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Characters of one message: a file or an argument of many megabytes is not printed in full. */
const LONGEST_MESSAGE = 2000;

/** The text with what a terminal would obey written out as JSON writes it: `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, found =>
    Array.from(
      { length: found.length },
      (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** Lines on standard output: answers. An end of line within one is part of what it tells, and written out too. */
export function say(...lines: readonly string[]): void {
  process.stdout.write(lines.map(line => `${printable(line)}\n`).join(''));
}

/** One message on standard error. */
export function warn(message: string): void {
  const shown =
    message.length > LONGEST_MESSAGE
      ? `${message.slice(0, LONGEST_MESSAGE / 2)} … ${message.slice(-LONGEST_MESSAGE / 2)}`
      : message;
  process.stderr.write(`${printable(withoutSecrets(shown))}\n`);
}

/** The text without tokens of addresses and cookies: what stands on standard error is copied and shown around. */
export function withoutSecrets(text: string): string {
  return text.replace(/(token(?:=|%3D)|receptive-\d+=)[\w%.~+/-]+/gi, '$1…');
}

/** A defect of ours on standard error, with all that is known of it. */
export function report(what: string, error: unknown): void {
  for (const line of `${what}: ${inspect(error)}`.split('\n')) warn(line);
}

/** For entry files: what nobody catches ends the process as ever, but is told here instead of by Node. */
export function reportUncaught(): void {
  process.on('uncaughtException', error => {
    report('Receptive failed', error);
    process.exit(1);
  });
}

// Who no longer reads, as `head` after its lines, hinders nothing; what cannot be kept ends it.
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  warn(`What was to be said cannot be written to where it was sent: ${why}.`);
  process.exit(1);
});
