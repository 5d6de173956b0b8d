/** What files and their contents are called in sentences: as much as a person can read. */
import { MOST_QUOTE, MOST_SENTENCE } from './limits.ts';

/** A file's content, cut to what tells it from other. */
export function quoted(content: string, most = MOST_QUOTE): string {
  return content.length <= most ? content : `${whole(content.slice(0, most))}…`;
}

/** A sentence that may have somebody's names in it, cut where it is too long to be read. */
export function shortened(sentence: string): string {
  return quoted(sentence, MOST_SENTENCE);
}

/** Half a character at the end is none. */
function whole(text: string): string {
  return /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
}
