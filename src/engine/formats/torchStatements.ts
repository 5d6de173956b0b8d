/** Writes the code of a drawing: construction of modules, `forward`, and what is set afterwards. */
import { BLOCK_KIND, entriesOf, isBlockInput } from '../graph/blocks.ts';
import { headsOf } from '../graph/heads.ts';
import { literal } from '../layers/python.ts';
import { shapeText } from '../layers/shape.ts';
import {
  type CodeLine,
  comment,
  disabled,
  errorComments,
  indented,
  isPassedBy,
  line,
  type ShapedLine,
  unshaped,
  withShapes,
} from './code.ts';
import { type DataflowStep, isEntrance, isLoop } from './dataflow.ts';
import { constructed, type Module, type Say, type TorchDrawing } from './torchDrawing.ts';

/** How a drawing is written: on its own, or as a class for many copies. */
export interface Writing {
  readonly say: Say;
  /** The output shape, appended as a comment; empty for none. */
  shapeOf(step: DataflowStep): string;
  /** The errors of a node, as comments. */
  errorsOf(step: DataflowStep): readonly CodeLine[];
}

/** The text before and after a constructor call: `self.conv = ` and nothing, or a pair in brackets. */
export type Assignment = (attribute: string) => readonly [before: string, after: string];

const asAttribute: Assignment = attribute => [`self.${attribute} = `, ''];
export const asEntry: Assignment = attribute => [`(${literal(attribute)}, `, '),'];

export function shapeBeside({ inferred: { figures } }: DataflowStep): string {
  return figures ? shapeText(figures.shape) : '';
}

/** The construction of all modules. */
export function constructions(drawing: TorchDrawing, writing: Writing, assign: Assignment): CodeLine[] {
  return withShapes(
    drawing.flow.steps.flatMap(step => [
      ...unshaped(writing.errorsOf(step)),
      ...describe(drawing, step, writing, assign),
    ]),
  );
}

/** The construction of a node, or a comment. */
function describe(
  { modules }: TorchDrawing,
  step: DataflowStep,
  { say, shapeOf }: Writing,
  assign: Assignment,
): ShapedLine[] {
  const { id, inferred, works } = step;
  const { node, kind, figures } = inferred;
  const note = (text: string) => unshaped(comment(text, id));
  if (node.bypassed) return note(`${node.name} (${node.kind}) is bypassed.`);
  if (kind?.inputs === 0) return note(`Input: ${figures ? shapeText(figures.shape) : '?'}`);
  const own = modules.get(id);
  if (!own) {
    const isMissing = node.kind === BLOCK_KIND || (kind && !works && !isPassedBy(inferred));
    return isMissing ? note(`${node.name}: ${node.kind}`) : [];
  }
  const lines = own.flatMap(module => made(module, say, assign).map(text => line(text, id)));
  if (!works) return unshaped(disabled(lines));
  const shape = shapeOf(step);
  return [
    ...renamed(step, own.at(-1)!).flatMap(note),
    ...lines.map((each, i) => ({ ...each, shape: i === lines.length - 1 ? shape : '' })),
  ];
}

/** Notes that weights are named differently than in our checkpoints. */
function renamed({ inferred: { node } }: DataflowStep, { attribute }: Module): string[] {
  if (attribute === node.name) return [];
  return [`${node.name} is called ${attribute} here: Python or nn.Module has the name itself.`];
}

function made(module: Module, say: Say, assign: Assignment): string[] {
  const [before, after] = assign(module.attribute);
  const texts = constructed(module, say);
  return texts.map((text, i) => `${i === 0 ? before : ''}${text}${i === texts.length - 1 ? after : ''}`);
}

/** The `forward` method. */
function forward(drawing: TorchDrawing): CodeLine[] {
  const { flow, modules } = drawing;
  return [
    line(`def forward(self, ${entrancesOf(drawing).join(', ') || 'x'}):`),
    ...indented([...flow.steps.flatMap(step => statement(step, modules)), returned(drawing)]),
  ];
}

/** The parameters of `forward`. */
function entrancesOf({ flow: { steps }, inference }: TorchDrawing): string[] {
  const entries = entriesOf(inference.graph);
  const place = ({ id, inferred }: DataflowStep) =>
    isBlockInput(inferred.node) ? entries.indexOf(id) : entries.length;
  return steps
    .filter(({ inferred }) => isEntrance(inferred))
    .toSorted((a, b) => place(a) - place(b))
    .map(({ variable }) => variable);
}

/** The statement of a node in `forward`. */
function statement(step: DataflowStep, modules: TorchDrawing['modules']): CodeLine[] {
  const { id, inferred, inputs, variable, works } = step;
  const { kind, node } = inferred;
  const write = (...texts: string[]) => {
    const written = texts.map(text => line(text, id));
    return works ? written : disabled(written);
  };
  const own = modules.get(id) ?? [];
  const [row] = own;
  if (row?.row) return write(...copies(row, step));
  if (!kind || kind.inputs === 0 || isBlockInput(node)) return [];
  if (isPassedBy(inferred)) {
    return inputs[0] === undefined || inputs[0] === variable ? [] : write(`${variable} = ${inputs[0]}`);
  }
  if ('merge' in kind.pytorch) return write(`${variable} = ${kind.pytorch.merge(inputs)}`);
  let flowing = inputs[0] ?? '?';
  return own.flatMap(({ attribute }) => {
    const written = write(`${variable} = self.${attribute}(${flowing})`);
    flowing = variable;
    return written;
  });
}

/** The repetitions of a block: the output of one is the first input of the next. */
function copies({ attribute, row }: Module, { inferred, inputs, variable }: DataflowStep): string[] {
  // A block with its own Input takes the image, under the name of that parameter.
  if (row === 'nn.Sequential') return [`${variable} = self.${attribute}(${inputs[0] ?? variable})`];
  if (!isLoop(inferred, inputs)) return [`${variable} = self.${attribute}[0](${inputs.join(', ')})`];
  const [first, ...others] = inputs;
  return [
    `${variable} = ${first}`,
    `for copy in self.${attribute}:`,
    `    ${variable} = copy(${[variable, ...others].join(', ')})`,
  ];
}

/** The return statement: one value, or one per answer. */
function returned({ inference, flow: { ends } }: TorchDrawing): CodeLine {
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

/** What is set after construction: fixed kernels, frozen weights. */
export function afterwards({ flow: { steps }, modules }: TorchDrawing, owner: string): CodeLine[] {
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

/** The last axes of the weight, which a fixed kernel fills for all pairs of channels. */
function kernelShape(shape: readonly number[]): string {
  return shape.slice(2).join(', ');
}

/** A class with constructor and `forward`. Its lines refer to the ids of the whole network. */
export function moduleClass(
  name: string,
  parameters: readonly string[],
  drawing: TorchDrawing,
  writing: Writing,
): CodeLine[] {
  const { inference, flow, scope } = drawing;
  const lost = flow.cyclic.flatMap(id => errorComments(inference, id));
  const lines = [
    line(`class ${name}(nn.Module):`),
    ...indented([
      line(`def __init__(${['self', ...parameters].join(', ')}):`),
      ...indented([
        line('super().__init__()'),
        ...constructions(drawing, writing, asAttribute),
        ...lost,
        ...afterwards(drawing, 'self'),
      ]),
      line(),
      ...forward(drawing),
    ]),
  ];
  return lines.map(({ text, node }) => line(text, node === null ? null : scope + node));
}
