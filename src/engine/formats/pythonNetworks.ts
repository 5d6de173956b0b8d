/** Chooses the network among the modules that pasted code creates. */
import type { SourcePosition } from './pythonTokens.ts';
import { fail, isModule, type ModuleValue, type SequenceValue, type Value } from './pythonValues.ts';

/** The value of an expression statement, and its position. */
export interface Loose {
  readonly value: Value;
  readonly place: SourcePosition;
}

/** Named sequences that are not part of others, each once; the most recently named last. */
export function networksOf(
  named: ReadonlyMap<string, SourcePosition>,
  values: ReadonlyMap<string, Value>,
): { name: string; module: SequenceValue; place: SourcePosition }[] {
  const all = [...named].flatMap(([name, place]) => {
    const module = values.get(name);
    return module?.type === 'sequence' ? [{ name, module, place }] : [];
  });
  const inner = new Set<object>();
  const stack: ModuleValue[] = all.flatMap(({ module }) => module.items.map(({ value }) => value));
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.type !== 'sequence' || inner.has(top.items)) continue;
    inner.add(top.items);
    stack.push(...top.items.map(({ value }) => value));
  }
  const last = new Map(all.map(({ module }, i) => [module.items, i]));
  return all.filter(({ module }, i) => !inner.has(module.items) && last.get(module.items) === i);
}

/** Layers in expression statements. Other values are refused, as they would be missing from the network. */
export function modulesOf(loose: readonly Loose[]): ModuleValue[] {
  const modules = loose.flatMap(({ value }) => (isModule(value) ? [value] : []));
  const unknown = loose.find(({ value }) => value.type === 'unknown');
  if (modules.length > 0 && unknown?.value.type === 'unknown') fail(unknown.value.message, unknown.place);
  return modules;
}
