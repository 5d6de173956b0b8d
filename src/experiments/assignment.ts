/**
 * A setting of a project by its path, as in `--set PATH=VALUE` and in sweeps: `epochs`, `schedule.kind`,
 * `optimizer.momentum` (a parameter of the chosen kind), `losses.0.weight`, `losses.0.params.weight`,
 * `augmentations.0.p`, `conv1.outChannels`, `conv1.frozen`. Values are JSON, or else text; in `augmentations` a kind's
 * name stands for the kind with its initial parameters.
 */
import { augmentationKind } from '../engine/augmentations/registry.ts';
import type { ProjectDocument, Training } from '../engine/graph/document.ts';
import { setParams } from '../engine/graph/edits.ts';
import { setFrozen } from '../engine/graph/freezing.ts';
import { type Fields, initialValues } from '../engine/layers/fields.ts';
import { lossKind } from '../engine/losses/registry.ts';
import { optimizerKind } from '../engine/optimizers/registry.ts';
import { scheduleKind } from '../engine/schedules/registry.ts';

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null;

type Registry = (kind: string) => { readonly fields: Fields } | undefined;

/** The registries of kinds, by the name of the training setting. */
const registries: Readonly<Record<string, Registry>> = {
  optimizer: optimizerKind,
  schedule: scheduleKind,
  losses: lossKind,
  augmentations: augmentationKind,
};

/** The document with the setting changed; undefined where it does not exist. The value is not validated here. */
export function assign(document: ProjectDocument, at: string, value: unknown): ProjectDocument | undefined {
  const path = at.split('.');
  const [head, ...rest] = path as [string, ...string[]];
  if (Object.hasOwn(document.training, head)) {
    const training = setIn(document.training, path, value, registries[head]);
    return training === undefined ? undefined : { ...document, training: training as Training };
  }
  return rest.length === 1 ? assignToNode(document, head, rest[0]!, value) : undefined;
}

function assignToNode(
  document: ProjectDocument,
  name: string,
  key: string,
  value: unknown,
): ProjectDocument | undefined {
  const node = Object.entries(document.graph.nodes).find(([, each]) => each.name === name);
  if (!node) return undefined;
  const [id, { params }] = node;
  if (key === 'frozen') return { ...document, graph: setFrozen(document.graph, [id], value === true) };
  if (!(key in params)) return undefined;
  return { ...document, graph: setParams(document.graph, id, { [key]: value }) };
}

/** @returns undefined where there is nothing at that place */
function setIn(at: unknown, path: readonly string[], value: unknown, registry?: Registry): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return Array.isArray(at) ? named(value) : value;
  if (!isData(at)) return undefined;
  if (Array.isArray(at)) {
    const index = Number(key);
    const changed = index in at ? setIn(at[index], rest, value, registry) : undefined;
    return changed === undefined ? undefined : at.with(index, changed);
  }
  if (isChosen(at) && rest.length === 0) {
    // Another kind starts with its initial parameters; the same keeps its own.
    if (key === 'kind' && value === at.kind) return at;
    if (key === 'kind') {
      const fields = registry?.(String(value))?.fields ?? {};
      return { ...at, kind: value, params: initialValues(fields) };
    }
    const isParam = !(key in at) && key in (registry?.(at.kind)?.fields ?? {});
    if (isParam) return { ...at, params: { ...at.params, [key]: value } };
  }
  if (isChosen(at) && key === 'params' && rest.length === 1) {
    const known = rest[0]! in (registry?.(at.kind)?.fields ?? {});
    return known ? { ...at, params: { ...at.params, [rest[0]!]: value } } : undefined;
  }
  if (!(key in at)) return undefined;
  const changed = setIn(at[key], rest, value, registry);
  return changed === undefined ? undefined : { ...at, [key]: changed };
}

const isChosen = (value: Data): value is Data & { kind: string; params: Data } =>
  typeof value.kind === 'string' && isData(value.params);

/** In a list of kinds, a name stands for a kind with initial parameters. */
function named(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map(each => (typeof each === 'string' ? { kind: each, params: {} } : each));
}

/** Parsed as JSON if possible, else the text itself. */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
