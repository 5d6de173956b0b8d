/**
 * Writes a network as a functional Keras 3 model. Images are height × width × channels, which every backend supports on
 * every device; Flatten uses PyTorch's order, so that weights carry over (docs/decisions.md). What Keras cannot compute
 * is stated in the code, and following layers are not written.
 */
import type { NodeId } from '../graph/document.ts';
import { isFrozen } from '../graph/freezing.ts';
import { headsOf } from '../graph/heads.ts';
import type { Inference } from '../graph/inference.ts';
import type { KerasCall, KerasForm } from '../layers/kerasForm.ts';
import { literal } from '../layers/python.ts';
import { type Shape, shapeText } from '../layers/shape.ts';
import {
  type CodeLine,
  comment,
  definitions,
  disabled,
  distinctNames,
  errorComments,
  heading,
  isPassedBy,
  line,
  type ShapedLine,
  unshaped,
  withShapes,
} from './code.ts';
import { type Dataflow, type DataflowStep, dataflowOf } from './dataflow.ts';
import { builtins, freeIdentifier } from './pythonNames.ts';

/** Names with another meaning in the code's scope. */
const reserved: readonly string[] = [
  ...builtins,
  'inputs',
  'keras',
  'layers',
  'model',
  'np',
  'ops',
  'layer',
  'kernel',
];

interface Plan {
  readonly inference: Inference;
  readonly flow: Dataflow;
  readonly names: ReadonlyMap<NodeId, string>;
  readonly forms: ReadonlyMap<NodeId, KerasForm>;
  /** Nodes without code: with a fault, impossible in Keras, or behind one that is. */
  readonly lost: ReadonlySet<NodeId>;
  /** The variable of each input. */
  readonly entrances: ReadonlyMap<NodeId, string>;
}

/** @param title the project's name, for the first line */
export function kerasCode(title: string, inference: Inference): CodeLine[] {
  const plan = planOf(inference);
  const body = withShapes(
    plan.flow.steps.flatMap(step => [
      ...unshaped(errorComments(inference, step.id)),
      ...statements(plan, step),
    ]),
  );
  const kernels = knownKernels(plan);
  const classes = definitions(classesOf(plan));
  const usesOps = classes.some(({ text }) => /\bops\./.test(text));
  return [
    ...comment(heading(title, inference)),
    line('import keras'),
    ...(kernels.length > 0 ? [line('import numpy as np')] : []),
    line(`from keras import layers${usesOps ? ', ops' : ''}`),
    line(),
    ...(classes.length > 0 ? [line(), ...classes] : []),
    ...errorComments(inference, null),
    ...body,
    ...plan.flow.cyclic.flatMap(id => errorComments(inference, id)),
    line(),
    ...model(plan),
    ...(kernels.length > 0 ? [line(), ...kernels] : []),
  ];
}

function planOf(inference: Inference): Plan {
  // A layer's name is any unique string.
  const names = distinctNames(inference.nodes, () => false, freeIdentifier);
  const forms = formsOf(inference);
  const classes = [...forms.values()].flatMap(classNames);
  const flow = dataflowOf(inference, names, new Set([...reserved, ...classes]));
  const lost = new Set<NodeId>();
  const entrances = new Map<NodeId, string>();
  // The model refers to its inputs at the end, so that their variables may not be reused.
  const taken = new Set([...reserved, ...classes, ...flow.steps.map(({ variable }) => variable)]);
  const own = (wanted: string) => {
    const name = freeIdentifier(wanted, taken);
    taken.add(name);
    return name;
  };
  for (const { id, inferred, works, sources } of flow.steps) {
    if (inferred.kind?.inputs === 0)
      entrances.set(id, entrances.size === 0 ? 'inputs' : own(`inputs_${entrances.size + 1}`));
    const form = forms.get(id);
    const isPossible = form && !('impossible' in form);
    if (!works || !isPossible || sources.some(source => lost.has(source))) lost.add(id);
  }
  return { inference, flow, names, forms, lost, entrances };
}

function formsOf({ nodes }: Inference): Map<NodeId, KerasForm> {
  const forms = new Map<NodeId, KerasForm>();
  for (const [id, { kind, figures }] of nodes) {
    const form = figures && kind?.keras(figures.params, figures.inputs[0] ?? [], figures.shape);
    if (form) forms.set(id, form);
  }
  return forms;
}

function classNames(form: KerasForm): string[] {
  return 'calls' in form ? form.calls.flatMap(each => each.class?.name ?? []) : [];
}

function classesOf({ forms, flow, lost }: Plan): Set<string> {
  const used = flow.steps.flatMap(({ id }) => {
    const form = forms.get(id);
    return form && 'calls' in form && !lost.has(id) ? form.calls.flatMap(each => each.class?.text ?? []) : [];
  });
  return new Set(used);
}

/** Height × width × channels, for comments. */
function channelsLast(shape: Shape): Shape {
  const [channels, ...extents] = shape as [number, ...number[]];
  return [...extents, channels];
}

function statements(plan: Plan, step: DataflowStep): ShapedLine[] {
  const { names, forms, lost, entrances } = plan;
  const { id, inferred, sources, variable } = step;
  const { node, kind, figures } = inferred;
  const note = (text: string) => unshaped(comment(text, id));
  if (node.bypassed) return [...note(`${node.name} (${node.kind}) is bypassed.`), ...passed(plan, step)];
  const form = forms.get(id);
  if (!figures || !kind || !form) return note(`${node.name}: ${node.kind}`);
  if ('impossible' in form) return note(`${node.name} (${node.kind}): ${form.impossible}.`);
  const shape = shapeText(channelsLast(figures.shape));
  if (kind.inputs === 0) {
    const text = `${entrances.get(id)} = keras.Input(${literal(channelsLast(figures.shape))}, name=${literal(names.get(id)!)})`;
    return [{ ...line(text, id), shape }];
  }
  if (isPassedBy(inferred)) return passed(plan, step);
  const inputs = inputsOf(plan, step);
  const several = kind.inputs === 'several' ? `[${inputs.join(', ')}]` : null;
  const main = form.main ?? form.calls.length - 1;
  // Also for normalisations: frozen, they are in evaluation mode in Keras as well.
  const keepsWeights = figures.weights.length > 0 && isFrozen(node);
  const lines = form.calls.map((call, i) => {
    const own = i === main ? names.get(id)! : helperName(plan, id, i, call);
    const extras = [
      ...(i === main && keepsWeights ? ['trainable=False'] : []),
      ...(own === null ? [] : [`name=${literal(own)}`]),
    ];
    const flowing = i > 0 ? variable : (several ?? inputs[0]!);
    return line(`${variable} = ${callText(call, extras)}(${flowing})`, id);
  });
  if (lost.has(id) || sources.some(source => lost.has(source))) return unshaped(disabled(lines));
  return lines.map((each, i) => ({ ...each, shape: i === lines.length - 1 ? shape : '' }));
}

/** Keras's automatic name of a class's layers, to which a number is appended. */
const automatic = (name: string) =>
  name
    .replace(/^layers\./, '')
    .replace(/_\d+$/, '')
    .replaceAll('_', '')
    .toLowerCase();

const known = new WeakMap<Plan['names'], { taken: Set<string>; automatics: Set<string> }>();

/** The nodes' names, as they are and as Keras would number them. */
function takenNames(names: Plan['names']) {
  const found = known.get(names) ?? {
    taken: new Set(names.values()),
    automatics: new Set([...names.values()].map(automatic)),
  };
  known.set(names, found);
  return found;
}

/** The name of an additional layer; only needed where a node has the name that Keras would give it. */
function helperName({ names }: Plan, id: NodeId, i: number, { layer }: KerasCall): string | null {
  const { taken, automatics } = takenNames(names);
  if (!automatics.has(automatic(layer))) return null;
  let name = `${names.get(id)!}_of_${i + 1}`;
  while (taken.has(name)) name += '_';
  return name;
}

function callText({ layer, arguments: given }: KerasCall, extras: readonly string[]): string {
  return `${layer}(${[...given, ...extras].join(', ')})`;
}

function inputsOf({ entrances }: Plan, { sources, inputs }: DataflowStep): string[] {
  return sources.map((source, i) => entrances.get(source) ?? inputs[i]!);
}

/** A node without computation, whose variable is at most another name of its input's. */
function passed(plan: Plan, step: DataflowStep): ShapedLine[] {
  const from = inputsOf(plan, step)[0];
  if (from === undefined || from === step.variable || plan.lost.has(step.id)) return [];
  return unshaped([line(`${step.variable} = ${from}`, step.id)]);
}

function model({ inference, flow, lost, entrances, names }: Plan): CodeLine[] {
  const { ends } = flow;
  if (lost.size > 0 || flow.cyclic.length > 0 || ends.length === 0) {
    return comment('There is no model: what stands above as a comment is missing.');
  }
  const inputs = [...entrances.values()];
  const taken = inputs.length === 1 ? inputs[0]! : `[${inputs.join(', ')}]`;
  const variable = ({ id, variable: own }: DataflowStep) => entrances.get(id) ?? own;
  if (ends.length === 1) return [line(`model = keras.Model(${taken}, ${variable(ends[0]!)})`)];
  const answers = new Map(headsOf(inference).map(({ node, answer }) => [node, answer]));
  const keys = ends.map(({ id }) => answers.get(id) ?? names.get(id)!);
  const isClear = new Set(keys).size === keys.length;
  const entries = ends.map(
    (end, i) => `${literal(isClear ? keys[i]! : names.get(end.id)!)}: ${variable(end)}`,
  );
  return [line(`model = keras.Model(${taken}, {${entries.join(', ')}})`)];
}

/** Sets the weights of layers with fixed kernels, equal for all pairs of channels. */
function knownKernels({ flow, names, lost }: Plan): CodeLine[] {
  return flow.steps.flatMap(({ id, inferred: { figures } }) => {
    if (lost.has(id)) return [];
    return (figures?.weights ?? []).flatMap(({ initial, shape }) => {
      if (!('values' in initial)) return [];
      const extents = literal([...shape.slice(2), 1, 1]);
      return [
        line(`layer = model.get_layer(${literal(names.get(id)!)})`, id),
        line(`kernel = np.reshape(${literal(initial.values)}, ${extents})`, id),
        line('layer.kernel.assign(np.broadcast_to(kernel, layer.kernel.shape))', id),
      ];
    });
  });
}
