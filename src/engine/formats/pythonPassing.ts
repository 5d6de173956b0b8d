/** What pasted code calls that is not read: what may be passed over, and what might change the network. */
import type { GivenValue } from './pythonModules.ts';
import type { Expression } from './pythonTree.ts';
import { fail, isModule, type Value } from './pythonValues.ts';

/** Functions that look at what they are given, by the last word of their path. */
const LOOKING = new Set('print repr str type id len isinstance summary save export'.split(' '));
/** Those that are not worth a note. */
export const SILENT: ReadonlySet<string> = new Set(
  'print manual_seed device no_grad inference_mode set_grad_enabled'.split(' '),
);

/** Whether a function leaves a network as it is that it is given; those of `init` set weights. */
export function isLooking(path: string): boolean {
  return LOOKING.has(path.split('.').at(-1)!) || /(^|\.)init\.\w+_$/.test(path);
}

export function isSilentCall(expression: Expression): boolean {
  if (expression.type !== 'call') return false;
  const { of } = expression;
  return (of.type === 'name' || of.type === 'attribute') && SILENT.has(of.name);
}

/** What is not read may do anything to a network that it is given, or to one that a function it is given knows. */
export function refuseModules(what: string, given: readonly GivenValue[]): void {
  const holds = (value: Value): boolean =>
    value.type === 'tuple'
      ? value.items.some(holds)
      : isModule(value) || value.type === 'method' || value.type === 'function';
  const found = given.find(({ value }) => holds(value));
  if (!found) return;
  fail(
    `${what} is not read here, and may change the network: write the network as it is afterwards.`,
    found.place,
  );
}
