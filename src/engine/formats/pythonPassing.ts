/** Decides about unsupported calls in pasted code: which can be ignored, and which might change the network. */
import type { Expression, Statement } from './pythonTree.ts';
import { fail, type GivenValue, isModule, type Value } from './pythonValues.ts';

/** Functions that only read their arguments, by the last part of their path. */
const INSPECTING_FUNCTIONS = new Set(
  'print repr str type id len isinstance hasattr summary save export'.split(' '),
);
/** Built-ins that return their arguments or their items. */
const GATHERING = new Set('list tuple dict set iter next reversed enumerate zip sorted'.split(' '));
/** Functions that are ignored without a note. */
export const SILENT: ReadonlySet<string> = new Set(
  'print manual_seed device no_grad inference_mode set_grad_enabled'.split(' '),
);

/** Whether a function leaves the network's structure unchanged; those of `nn.init` set weights. */
export function isLooking(path: string): boolean {
  return (
    isGathering(path) || INSPECTING_FUNCTIONS.has(path.split('.').at(-1)!) || /(^|\.)init\.\w+_$/.test(path)
  );
}

export function isGathering(path: string): boolean {
  return GATHERING.has(path);
}

export function isSilentCall(expression: Expression): boolean {
  if (expression.type !== 'call') return false;
  const { of } = expression;
  return (of.type === 'name' || of.type === 'attribute') && SILENT.has(of.name);
}

/**
 * Refuses arguments through which a network is accessible, also via a function's variables, since an unsupported
 * function may change it.
 */
export function refuseModules(what: string, given: readonly GivenValue[]): void {
  const found = given.find(holdsLayers);
  if (!found) return;
  fail(
    `${what} is not read here, and may change the network: write the network as it is afterwards.`,
    found.place,
  );
}

/** Whether layers are accessible through a value. Shared parts are visited once. */
export function holdsLayers({ value: given }: Pick<GivenValue, 'value'>): boolean {
  const seen = new Set<Value>([given]);
  for (const value of seen) {
    if (isModule(value) || value.type === 'method' || value.type === 'function') return true;
    if (value.type === 'unknown' && value.holdsLayers) return true;
    if (value.type === 'tuple') for (const item of value.items) seen.add(item);
  }
  return false;
}

/** Whether a function only sets weights of a layer, as most functions given to `apply`. */
export function setsWeightsAlone(body: readonly Statement[]): boolean {
  const left: (Statement | Expression)[] = [...body];
  for (let part = left.pop(); part; part = left.pop()) {
    switch (part.type) {
      case 'assign':
        if (!part.targets.every(isOfData)) return false;
        left.push(part.value);
        break;
      case 'if':
        left.push(part.test, ...part.body, ...part.otherwise);
        break;
      case 'with':
        left.push(...part.contexts, ...part.body);
        break;
      case 'return':
      case 'expression':
        if (part.value) left.push(part.value);
        break;
      case 'call':
        if (!isOfWeights(part.of)) return false;
        left.push(...part.given.map(({ value }) => value));
        break;
      case 'operation':
        left.push(...part.operands);
        break;
      case 'tuple':
        left.push(...part.items);
        break;
      case 'item':
        left.push(part.of, part.index);
        break;
      case 'attribute':
        left.push(part.of);
        break;
      case 'name':
      case 'number':
      case 'string':
      case 'constant':
        break;
      default:
        return false;
    }
  }
  return true;
}

/** A local variable, or elements of a weight. */
const isOfData = (target: Expression) =>
  target.type === 'name' || (target.type === 'attribute' && target.name === 'data');

/** Whether a called function sets weights or only reads. */
function isOfWeights(callee: Expression): boolean {
  const words: string[] = [];
  let at = callee;
  for (; at.type === 'attribute'; at = at.of) words.unshift(at.name);
  if (at.type === 'name') words.unshift(at.name);
  const [first] = words;
  return (
    isLooking(words.join('.')) ||
    words.some(word => word === 'weight' || word === 'bias') ||
    words.at(-1) === 'reset_parameters' ||
    (first === 'torch' && !words.at(-1)!.endsWith('_')) ||
    SILENT.has(words.at(-1) ?? '')
  );
}
