/**
 * Patterns of layer names, as PyTorch has them, blocks taken apart (`backbone.0.conv_stem`): `*` stands for any letters,
 * dots too, `?` for one. A pattern is held against the name and what stands before each of its dots, so that `backbone`
 * means all layers within.
 */

export function meansLayer(pattern: string, name: string): boolean {
  return prefixesOf(name, '.').some(prefix => matches(pattern, prefix));
}

/** `a`, `a.b`, `a.b.c` of `a.b.c`. */
export function prefixesOf(name: string, separator: string): string[] {
  const parts = name.split(separator);
  return parts.map((_, i) => parts.slice(0, i + 1).join(separator));
}

/** Without a regular expression: a pattern of many stars would keep one busy for hours. */
function matches(pattern: string, name: string): boolean {
  let [at, from, star, kept] = [0, 0, -1, 0];
  while (from < name.length) {
    const letter = pattern[at];
    if (letter === '*') [star, kept, at] = [at, from, at + 1];
    else if (letter === '?' || letter === name[from]) [at, from] = [at + 1, from + 1];
    else if (star >= 0) {
      kept++;
      [at, from] = [star + 1, kept];
    } else return false;
  }
  return [...pattern.slice(at)].every(letter => letter === '*');
}
