/** Shortens contents of files for messages. */
import { MOST_QUOTE, MOST_SENTENCE } from './limits.ts';

/** The beginning of a file's content. */
export function quoted(content: string, most = MOST_QUOTE): string {
  return content.length <= most ? content : `${whole(content.slice(0, most))}…`;
}

/** A sentence that may contain foreign names, shortened. */
export function shortened(sentence: string): string {
  return quoted(sentence, MOST_SENTENCE);
}

/** Without half of a surrogate pair at the end. */
function whole(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
