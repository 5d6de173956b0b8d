/**
 * A network as a PyTorch module, as a person would write it: nn.Sequential where it is a chain, else a class with
 * its branches by name. Attributes are called as the nodes are, so that its state_dict has the names of our
 * checkpoints. What is at fault stands as a comment with the reason, and the rest is written all the same.
 */
import type { NodeId } from '../graph/document.ts';
import { headsOf } from '../graph/heads.ts';
import type { Inference } from '../graph/infer.ts';
import { padModules } from '../layers/padding.ts';
import { literal } from '../layers/python.ts';
import { shapeText } from '../layers/shape.ts';
import { moduleCall, type TorchModule } from '../layers/torchForm.ts';
import {
  type CodeLine,
  comment,
  definitions,
  disabled,
  errorComments,
  freeIdentifier,
  heading,
  identifiers,
  indented,
  isPassedBy,
  line,
  type ShapedLine,
  unshaped,
  withShapes,
} from './code.ts';
import { type Dataflow, dataflowOf, type Step } from './dataflow.ts';

/** What nn.Module and nn.Sequential call something of their own. */
const MODULE_NAMES =
  'T_destination add_module append apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval extend extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half insert ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters pop register_backward_hook register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad';

const reservedAttributes: ReadonlySet<string> = new Set(MODULE_NAMES.split(' '));
const reservedVariables: ReadonlySet<string> = new Set([
  'self',
  'torch',
  'nn',
  'model',
  'Net',
  'OrderedDict',
]);

/** A module that a node becomes: most are one, some need another before. */
interface Module {
  readonly attribute: string;
  readonly call: string;
  readonly step: Step;
}

interface Plan {
  readonly inference: Inference;
  readonly flow: Dataflow;
  readonly modules: ReadonlyMap<NodeId, readonly Module[]>;
  /** Classes that PyTorch lacks. */
  readonly definitions: ReadonlySet<string>;
}

/** @param title what the project is called; it stands in the first line */
export function pytorchCode(title: string, inference: Inference): CodeLine[] {
  const attributes = identifiers(inference.nodes, reservedAttributes);
  const flow = dataflowOf(inference, attributes, reservedVariables);
  const plan = { inference, flow, ...modulesOf(flow, attributes) };
  const body = flow.isChain ? sequential(plan) : moduleClass(plan);
  const usesTorch = [...body, ...definitions(plan.definitions)].some(({ text }) => /\btorch\./.test(text));
  return [
    ...comment(heading(title, inference)),
    ...(flow.isChain ? [line('from collections import OrderedDict'), line()] : []),
    ...(usesTorch ? [line('import torch')] : []),
    line('from torch import nn'),
    line(),
    ...(flow.isChain && plan.definitions.size === 0 ? [] : [line()]),
    ...definitions(plan.definitions),
    ...body,
  ];
}

/** Of every node that is a module, those that it needs, in order. */
function modulesOf(flow: Dataflow, attributes: ReadonlyMap<NodeId, string>) {
  const modules = new Map<NodeId, readonly Module[]>();
  const defined = new Set<string>();
  const taken = new Set([...attributes.values(), ...reservedAttributes]);
  const shapes = new Map(flow.steps.map(({ id, inferred }) => [id, inferred.figures?.shape]));
  for (const step of flow.steps) {
    const { kind, figures, node } = step.inferred;
    if (!kind || isPassedBy(step.inferred) || !('module' in kind.pytorch)) continue;
    const parsed = figures?.params ?? kind.schema.safeParse(node.params).data;
    if (!parsed) continue;
    const form: TorchModule<Record<string, unknown>> = kind.pytorch;
    const input = shapes.get(step.sources[0] ?? '') ?? null;
    const split = form.split?.(parsed) ?? null;
    const own: Module[] = [];
    if (split) {
      const attribute = freeIdentifier(`${attributes.get(step.id)}_pad`, taken);
      taken.add(attribute);
      const pad = padModules[split.pad.mode];
      own.push({ attribute, call: moduleCall(pad, { sides: split.pad.sides }, null), step });
      if (pad.definition) defined.add(pad.definition);
    }
    const call = moduleCall(form, split?.params ?? parsed, input);
    modules.set(step.id, [...own, { attribute: attributes.get(step.id)!, call, step }]);
    if (form.definition) defined.add(form.definition);
  }
  return { modules, definitions: defined };
}

function sequential({ inference, flow, modules }: Plan): CodeLine[] {
  const entries = withShapes(
    flow.steps.flatMap(step => [
      ...unshaped(errorComments(inference, step.id)),
      ...describe(step, modules, ({ attribute, call }) => `(${literal(attribute)}, ${call}),`),
    ]),
  );
  return [
    ...errorComments(inference, null),
    line('model = nn.Sequential(OrderedDict(['),
    ...indented(entries),
    line(']))'),
    ...afterwards(flow, modules, 'model'),
  ];
}

function moduleClass(plan: Plan): CodeLine[] {
  const { inference, flow, modules } = plan;
  const made = withShapes(
    flow.steps.flatMap(step => [
      ...unshaped(errorComments(inference, step.id)),
      ...describe(step, modules, ({ attribute, call }) => `self.${attribute} = ${call}`),
    ]),
  );
  const lost = flow.cyclic.flatMap(id => errorComments(inference, id));
  return [
    ...errorComments(inference, null),
    line('class Net(nn.Module):'),
    ...indented([
      line('def __init__(self):'),
      ...indented([line('super().__init__()'), ...made, ...lost, ...afterwards(flow, modules, 'self')]),
      line(),
      line(`def forward(self, ${entrancesOf(flow).join(', ') || 'x'}):`),
      ...indented([...flow.steps.flatMap(step => statement(step, modules)), returned(plan)]),
    ]),
    line(),
    line(),
    line('model = Net()'),
  ];
}

function entrancesOf({ steps }: Dataflow): string[] {
  return steps.filter(({ inferred }) => inferred.kind?.inputs === 0).map(({ variable }) => variable);
}

/** A node's construction; a comment where there is none. */
function describe(
  { id, inferred, works }: Step,
  modules: Plan['modules'],
  write: (module: Module) => string,
): ShapedLine[] {
  const { node, kind, figures } = inferred;
  const note = (text: string) => unshaped(comment(text, id));
  if (node.bypassed) return note(`${node.name} (${node.kind}) is bypassed.`);
  if (kind?.inputs === 0) return note(`Input: ${figures ? shapeText(figures.shape) : '?'}`);
  const own = modules.get(id);
  if (!own) return kind && !works && !isPassedBy(inferred) ? note(`${node.name}: ${node.kind}`) : [];
  const lines = own.map(module => line(write(module), id));
  if (!works) return unshaped(disabled(lines));
  return lines.map((each, i) => ({
    ...each,
    shape: i === lines.length - 1 && figures ? shapeText(figures.shape) : '',
  }));
}

/** What a node does in `forward`. */
function statement({ id, inferred, inputs, variable, works }: Step, modules: Plan['modules']): CodeLine[] {
  const { kind } = inferred;
  const write = (text: string) => {
    const written = [line(text, id)];
    return works ? written : disabled(written);
  };
  if (!kind || kind.inputs === 0) return [];
  if (isPassedBy(inferred)) {
    return inputs[0] === undefined || inputs[0] === variable ? [] : write(`${variable} = ${inputs[0]}`);
  }
  if ('merge' in kind.pytorch) return write(`${variable} = ${kind.pytorch.merge(inputs)}`);
  let flowing = inputs[0] ?? '?';
  return (modules.get(id) ?? []).flatMap(({ attribute }) => {
    const written = write(`${variable} = self.${attribute}(${flowing})`);
    flowing = variable;
    return written;
  });
}

/** One value, or one for each answer. */
function returned({ inference, flow: { ends } }: Plan): CodeLine {
  const [only, ...others] = ends;
  if (!only) return line('raise NotImplementedError("the network has an error: see above")');
  if (others.length === 0) return line(`return ${only.variable}`, only.id);
  const answers = new Map(headsOf(inference).map(({ node, answer }) => [node, answer]));
  const keys = ends.map(({ id, inferred }) => answers.get(id) ?? inferred.node.name);
  const isClear = new Set(keys).size === keys.length;
  const entries = ends.map(
    ({ variable, inferred }, i) => `${literal(isClear ? keys[i]! : inferred.node.name)}: ${variable}`,
  );
  return line(`return {${entries.join(', ')}}`);
}

/** What is done to modules once they are there: known kernels put in, weights frozen. */
function afterwards({ steps }: Dataflow, modules: Plan['modules'], owner: string): CodeLine[] {
  return steps.flatMap(({ id, inferred: { figures } }) => {
    const module = modules.get(id)?.at(-1);
    if (!figures || !module) return [];
    const place = `${owner}.${module.attribute}`;
    const weights = figures.weights.filter(({ learning }) => learning !== 'buffer');
    const isKnown = weights.some(({ initial }) => 'values' in initial);
    const known = isKnown
      ? weights.flatMap(({ name, shape, initial }) => {
          if ('values' in initial) {
            const kernel = `torch.tensor(${literal(initial.values)}).view(${kernelShape(shape)})`;
            return [`${place}.${name}.copy_(${kernel})`];
          }
          return 'constant' in initial ? [`nn.init.constant_(${place}.${name}, ${initial.constant})`] : [];
        })
      : [];
    const isFrozen = weights.length > 0 && weights.every(({ learning }) => learning === 'frozen');
    return [
      ...(known.length > 0
        ? [line('with torch.no_grad():', id), ...indented(known.map(text => line(text, id)))]
        : []),
      ...(isFrozen ? [line(`${place}.requires_grad_(False)`, id)] : []),
    ];
  });
}

/** The last axes, which a known kernel fills; it is the same for every pair of channels. */
function kernelShape(shape: readonly number[]): string {
  return shape.slice(2).join(', ');
}
