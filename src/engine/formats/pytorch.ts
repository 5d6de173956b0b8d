/**
 * Writes a network as a PyTorch module: nn.Sequential for a chain, else a class with `forward`; a class for each block.
 * Attributes have the nodes' names, so that the state_dict has the names of our checkpoints. Layers with faults become
 * comments with the reason.
 */
import { entriesOf } from '../graph/blocks.ts';
import { copiesInto } from '../graph/drawings.ts';
import { scopeOf } from '../graph/expand.ts';
import type { Inference } from '../graph/inference.ts';
import { type CodeLine, comment, definitions, errorComments, heading, indented, line } from './code.ts';
import { torchBlocks } from './torchBlocks.ts';
import { literally, type TorchDrawing } from './torchDrawing.ts';
import {
  afterwards,
  asEntry,
  constructions,
  moduleClass,
  shapeBeside,
  type Writing,
} from './torchStatements.ts';

/** @param title the project's name, for the first line */
export function pytorchCode(title: string, whole: Inference): CodeLine[] {
  const isApart = !areModules(whole);
  const { network, classes, definitions: defined } = torchBlocks(isApart ? takenApart(whole) : whole);
  const isChain = network.flow.isChain;
  const body = isChain ? sequential(network) : networkClass(network);
  const written = definitions(defined);
  const usesTorch = [...classes, ...body, ...written].some(({ text }) => /\btorch\./.test(text));
  return [
    ...comment(heading(title, whole)),
    ...(isApart ? comment('Blocks are taken apart: one of them takes in an image of its own.') : []),
    ...(isChain ? [line('from collections import OrderedDict'), line()] : []),
    ...(usesTorch ? [line('import torch')] : []),
    line('from torch import nn'),
    line(),
    ...(isChain && written.length + classes.length === 0 ? [] : [line()]),
    ...written,
    ...classes,
    ...body,
  ];
}

/** Whether every block can be a module: it has inputs, or contains a single Input and nothing else flows in. */
function areModules({ drawn, nodes }: Inference): boolean {
  const images = [...nodes].filter(([, { kind }]) => kind?.inputs === 0).map(([id]) => id);
  return images.every(id =>
    (copiesInto(drawn, scopeOf(id)) ?? []).every(({ id: copy, block, repeat }) => {
      const others = images.filter(each => each !== id && each.startsWith(`${copy}/`));
      return repeat === 1 && others.length === 0 && entriesOf(block.graph).length === 0;
    }),
  );
}

function takenApart(whole: Inference): Inference {
  return { ...whole, drawn: whole.graph, copies: new Map(), part: { whole, nodeHere: id => id } };
}

function plainly({ inference }: TorchDrawing): Writing {
  return { say: literally, shapeOf: shapeBeside, errorsOf: ({ id }) => errorComments(inference, id) };
}

function sequential(network: TorchDrawing): CodeLine[] {
  return [
    ...errorComments(network.inference, null),
    line('model = nn.Sequential(OrderedDict(['),
    ...indented(constructions(network, plainly(network), asEntry)),
    line(']))'),
    ...afterwards(network, 'model'),
  ];
}

function networkClass(network: TorchDrawing): CodeLine[] {
  return [
    ...errorComments(network.inference, null),
    ...moduleClass('Net', [], network, plainly(network)),
    line(),
    line(),
    line('model = Net()'),
  ];
}
