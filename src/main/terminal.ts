/**
 * All output to the terminal (enforced by tests/terminal.test.ts). Names, paths and messages may contain control
 * characters, which terminals interpret: they can move the cursor or rename the window.
 */
import { inspect } from 'node:util';

/**
 * Control characters, invisible and bidirectional formatting characters, and other line separators. U+200C and U+200D
 * stay, because emoji use them.
 */
const UNPRINTABLE = /(?!\u200c|\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Characters per message, so that a huge file name or argument is not printed in full. */
const LONGEST_MESSAGE = 2000;

/** The text with control characters escaped as in JSON: `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, found =>
    Array.from(
      { length: found.length },
      (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

/** Prints lines to standard output. Line breaks within a line are escaped, too. */
export function printLines(...lines: readonly string[]): void {
  process.stdout.write(lines.map(line => `${printable(line)}\n`).join(''));
}

/** Prints a message to standard error. */
export function warn(message: string): void {
  const shown =
    message.length > LONGEST_MESSAGE
      ? `${message.slice(0, LONGEST_MESSAGE / 2)} … ${message.slice(-LONGEST_MESSAGE / 2)}`
      : message;
  process.stderr.write(`${printable(withoutSecrets(shown))}\n`);
}

/** The text without tokens in addresses and cookies, since error output is often shared. */
export function withoutSecrets(text: string): string {
  return text.replace(/(token(?:=|%3D)|receptive-\d+=)[\w%.~+/-]+/gi, '$1…');
}

/** Reports a defect with all details to standard error. */
export function reportDefect(what: string, error: unknown): void {
  for (const line of `${what}: ${inspect(error)}`.split('\n')) warn(line);
}

/** For entry files: uncaught errors end the process as usual, but are printed here instead of by Node. */
export function reportUncaught(): void {
  process.on('uncaughtException', error => {
    reportDefect('Receptive failed', error);
    process.exit(1);
  });
}

// A reader that closes the pipe early, such as `head`, is no error; other write errors end the process.
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  warn(`What was to be said cannot be written to where it was sent: ${why}.`);
  process.exit(1);
});
