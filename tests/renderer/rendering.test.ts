/**
 * What the window's sources keep to: no ref is written while a component is rendered, since React may render and throw
 * the result away; and no module subscribes to a store when it is imported, since then the order of imports would
 * decide who is told first (start.tsx does).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../src/renderer');

/** A node of the syntax tree; what else it has depends on its type. */
interface Syntax {
  readonly type: string;
  readonly [part: string]: unknown;
}

interface Found {
  /** Lines with an assignment to `.current` that is made while rendering. */
  readonly refs: string[];
  /** Lines with a `.subscribe(…)` that is called when the module is imported. */
  readonly subscriptions: string[];
}

/** Hooks that call what they are given while rendering. */
const CALLED_AT_ONCE: ReadonlySet<unknown> = new Set(['useMemo', 'useState', 'useReducer']);
/** Whatever else is given a function, as `map` is, calls it at once. */
const CALLED_LATER =
  /^(on|on[A-Z].*|use[A-Z].*|setTimeout|setInterval|then|catch|finally|addEventListener|subscribe)$/;

/** Where code stands: it runs on import, while a component renders, or some time later. */
type When = 'import' | 'render' | 'later';

function lookThrough(file: string, text: string): Found {
  const { program, errors } = parseSync(file, text);
  if (errors[0]) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const found: Found = { refs: [], subscriptions: [] };
  const lineOf = ({ start }: Syntax) => `${file}:${text.slice(0, Number(start)).split('\n').length}`;
  /**
   * @param name the variable that the node is the value of
   * @param callee what it is given to: a function's name, or `on` where an element or an object is
   */
  const visit = (node: Syntax, when: When, name: string | undefined, callee: string | undefined): void => {
    let inside = when;
    if (/Function/.test(node.type)) inside = whenCalled(node, when, name, callee);
    if (node.type === 'AssignmentExpression' && when === 'render' && isCurrent(node.left))
      found.refs.push(lineOf(node));
    if (node.type === 'CallExpression' && when === 'import' && nameOf(node.callee) === 'subscribe')
      found.subscriptions.push(lineOf(node));
    for (const [part, child] of Object.entries(node)) {
      const called = node.type === 'CallExpression' && part === 'arguments' ? nameOf(node.callee) : undefined;
      const given = node.type === 'JSXExpressionContainer' || node.type === 'Property' ? 'on' : called;
      const naming = part === 'init' ? nameOf(node.id) : called !== undefined ? name : undefined;
      for (const each of Array.isArray(child) ? child : [child])
        if (isSyntax(each)) visit(each, inside, naming, given);
    }
  };
  visit(program as unknown as Syntax, 'import', undefined, undefined);
  return found;
}

/** When the body of a function runs that stands in code that runs at `when`. */
function whenCalled(node: Syntax, when: When, name: string | undefined, callee: string | undefined): When {
  const own = nameOf(node.id) ?? name;
  if (when === 'import') return own !== undefined && /^(use[A-Z]|[A-Z])/.test(own) ? 'render' : 'later';
  if (when === 'later' || callee === undefined) return 'later';
  return CALLED_AT_ONCE.has(callee) || !CALLED_LATER.test(callee) ? when : 'later';
}

function isCurrent(target: unknown): boolean {
  return isSyntax(target) && target.type === 'MemberExpression' && nameOf(target) === 'current';
}

/** Of an identifier, or of the last part of `a.b.c`. */
function nameOf(node: unknown): string | undefined {
  if (!isSyntax(node)) return undefined;
  const name = node.type === 'MemberExpression' ? nameOf(node.property) : node.name;
  return typeof name === 'string' ? name : undefined;
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && typeof (value as Syntax).type === 'string';
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => /\.tsx?$/.test(file));

test('no ref is written while rendering, and nothing subscribes when it is imported', () => {
  expect(files.length).toBeGreaterThan(100);
  const all = files.map(file => lookThrough(file, readFileSync(join(root, file), 'utf8')));
  expect(all.flatMap(({ refs }) => refs)).toEqual([]);
  expect(all.flatMap(({ subscriptions }) => subscriptions)).toEqual([]);
});

test('each form of either is found', () => {
  const text = `
    const store = create(() => ({}));
    store.subscribe(() => store.subscribe(listen));
    export function start() { store.subscribe(listen); }
    export function Component() {
      ref.current = 1;
      if (a) ref.current.b.current = 2;
      const listed = list.map(each => { ref.current = each; return each; });
      const made = useMemo(() => (ref.current = 5), []);
      useEffect(() => { ref.current = 6; store.subscribe(listen); });
      const later = () => { ref.current = 7; };
      const kept = useCallback(() => { ref.current = 8; }, []);
      return <p onClick={() => { ref.current = 9; }} ref={element => { ref.current = element; }} />;
    }
    export const useThing = () => { ref.current = 10; };
    export const Memo = memo(function Inner() { ref.current = 11; });
    export const Plain = memo(() => { ref.current = 12; });
    const helper = () => { ref.current = 13; };
    function Other() { const [state] = useState(() => { ref.current = 15; return 1; }); }
  `;
  const { refs, subscriptions } = lookThrough('probe.tsx', text);
  const numbers = (lines: string[]) => lines.map(line => Number(line.split(':')[1]));
  expect(numbers(refs)).toEqual([6, 7, 8, 9, 15, 16, 17, 19]);
  expect(numbers(subscriptions)).toEqual([3]);
});
