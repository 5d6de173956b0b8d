/**
 * A network as a PyTorch module, as a person would write it: nn.Sequential where it is a chain, else a class with
 * its branches by name; a block is a class of its own. Attributes are called as the nodes are, so that its
 * state_dict has the names of our checkpoints. What is at fault stands as a comment with the reason, and the rest
 * is written all the same.
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

/** @param title what the project is called; it stands in the first line */
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

/** Whether each block can be a module: it takes what flows into it, or one image and nothing else. */
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
