/**
 * Which modules PyTorch code makes, by the names that its state_dict would have them under: read from the text, by
 * the few forms that our printer writes. It is no Python; what it does not know it refuses.
 */
interface Definition {
  readonly parameters: readonly string[];
  /** Attribute and construction. */
  readonly members: readonly (readonly [string, string])[];
}

/** Every module that is no class of the text and no row of others: its constructor call, by its name. */
export function modulesIn(text: string): Record<string, string> {
  const classes = classesOf(text);
  const found: Record<string, string> = {};
  const put = (name: string, expression: string): void => {
    const { callee, given } = callOf(expression);
    const definition = classes.get(callee);
    if (callee === 'nn.Sequential' || callee === 'nn.ModuleList') {
      for (const [turn, each] of rowOf(given).entries()) put(`${name}.${turn}`, each);
    } else if (definition) {
      for (const [attribute, made] of definition.members)
        put(name === '' ? attribute : `${name}.${attribute}`, bind(made, definition.parameters, given));
    } else found[name] = expression;
  };
  if (classes.has('Net')) put('', 'Net()');
  else for (const [name, made] of entriesOf(text)) put(name, made);
  return found;
}

function classesOf(text: string): Map<string, Definition> {
  const parts = text.split(/^class /m).slice(1);
  return new Map(
    parts.flatMap(part => {
      const name = /^\w+/.exec(part)![0];
      const head = /def __init__\(self(?:, )?(.*)\):/.exec(part);
      const members = [
        ...joined(part).matchAll(/^ {8}self\.(\w+) = ([A-Z][\w.]*\(.*\)|nn\..*\))(?:\s+# .*)?$/gm),
      ];
      // What PyTorch lacks is a module like those of PyTorch.
      if (/^\w+\(nn\.Module\):\n {4}"""/.test(part)) return [];
      const parameters = head?.[1] ? head[1].split(', ') : [];
      return [[name, { parameters, members: members.map(([, at, made]) => [at!, made!] as const) }] as const];
    }),
  );
}

function entriesOf(text: string): (readonly [string, string])[] {
  const entries = [...joined(text).matchAll(/^ {4}\("(\w+)", (.*)\),(?:\s+# .*)?$/gm)];
  return entries.map(([, name, made]) => [name!, made!] as const);
}

/** Rows that are written one module a line, in one line. */
function joined(text: string): string {
  return text.replaceAll(
    /(nn\.(?:Sequential|ModuleList)\(\[?)\n([\s\S]*?)\n\s*(\]?\))/g,
    (_, open, items, close) => {
      const texts = (items as string).split('\n').map(item => item.trim().replace(/,$/, ''));
      return `${open}${texts.join(', ')}${close}`;
    },
  );
}

function callOf(expression: string): { callee: string; given: string[] } {
  const open = expression.indexOf('(');
  if (open < 0 || !expression.endsWith(')')) throw new Error(`no call: ${expression}`);
  return { callee: expression.slice(0, open), given: split(expression.slice(open + 1, -1)) };
}

/** At the commas that stand in no brackets. */
function split(text: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (const [i, letter] of [...text].entries()) {
    if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    else if (letter === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...parts, text.slice(start).trim()].filter(Boolean);
}

/** The modules of a row, those that are counted one by one. */
function rowOf(given: readonly string[]): string[] {
  return given.flatMap(each => {
    const counted = /^\*?\[(.*) for _ in range\((\d+)\)\]$/.exec(each);
    if (counted) return Array.from({ length: Number(counted[2]) }, () => counted[1]!);
    return each.startsWith('[') ? split(each.slice(1, -1)) : [each];
  });
}

/** A construction with the values of a call for the names that its class has for them. */
function bind(expression: string, parameters: readonly string[], given: readonly string[]): string {
  const values = new Map<string, string>();
  for (const [i, each] of given.entries()) {
    const named = /^(\w+)=(.*)$/.exec(each);
    values.set(named ? named[1]! : parameters[i]!, named ? named[2]! : each);
  }
  if (values.size !== parameters.length) throw new Error(`${given} for ${parameters}`);
  return expression.replaceAll(/(?<![\w.])([a-z_]\w*)(?!\w*=|\w|\()/g, name => values.get(name) ?? name);
}
