/** Splits a line of Python for syntax highlighting, simplified. */

export type Hue = 'comment' | 'string' | 'number' | 'keyword' | 'call' | 'plain';

export interface Piece {
  readonly text: string;
  readonly hue: Hue;
}

const PIECE_PATTERN =
  /(?<comment>#.*)|(?<string>""".*?(?:"""|$)|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|(?<number>\b\d[\w.]*)|(?<keyword>\b(?:and|as|class|def|elif|else|False|for|from|if|import|in|is|None|not|or|return|True|with)\b)|(?<call>\b[A-Za-z_]\w*(?=\())|(?<plain>[A-Za-z_]\w*|\s+|[^\w\s]+?)/g;

export function piecesOf(line: string): Piece[] {
  return [...line.matchAll(PIECE_PATTERN)].map(({ 0: text, groups }) => {
    const hue = Object.entries(groups ?? {}).find(([, found]) => found !== undefined)?.[0] ?? 'plain';
    return { text, hue: hue as Hue };
  });
}
