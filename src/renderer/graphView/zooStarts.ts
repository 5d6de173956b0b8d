/**
 * What a network of the zoo would be for given images: its graph, what it costs, and why it would not train. Built
 * when the window is idle, once for each network and kind of images.
 */
import { useEffect, useState } from 'react';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { newDocument, type ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { type DatasetFacts, diagnoseTraining } from '../../engine/graph/trainability.ts';
import { sizeFor, withModel, type ZooModel } from '../../engine/zoo/zoo.ts';

/** The images that a network is to be made for. */
export type Images = DatasetFacts;

export interface ZooStart {
  /** With a loss for each of its answers. */
  readonly document: ProjectDocument;
  readonly parameters: number;
  readonly macs: number;
  /** Why it does not train on the images; null where it does, or nobody asked. */
  readonly fault: string | null;
}

const known = new Map<string, ZooStart>();

const keyOf = ({ name }: ZooModel, images: Images | null) =>
  images === null
    ? name
    : [name, images.imageShape, images.classes.length, images.boxes, images.maskClasses?.length].join(' ');

/** The network for these images; null: as it was published. */
export function startOf(model: ZooModel, images: Images | null): ZooStart {
  const key = keyOf(model, images);
  const former = known.get(key);
  if (former) return former;
  const document = withModel(newDocument(model.title), model, sizeFor(model, images));
  const inference = infer(document.graph);
  const { parameters, macs } = inference.totals;
  const start = { document, parameters, macs, fault: images && faultOf(model, document, inference, images) };
  known.set(key, start);
  return start;
}

function faultOf(
  model: ZooModel,
  document: ProjectDocument,
  inference: Inference,
  images: Images,
): string | null {
  const [fault] = diagnoseTraining(document, inference, images);
  if (!fault) return null;
  const side = smallestSide(model, images);
  const given = images.imageShape.slice(1);
  if (side !== null && given.some(extent => extent < side))
    return `Too deep for ${given.join('×')}: it needs ${side}×${side} pixels or more.`;
  return fault.message;
}

const LARGEST_SIDE = 512;

/** The smallest square image that the network can be drawn for; null where size is not what is wrong. */
function smallestSide(model: ZooModel, images: Images): number | null {
  const [channels] = images.imageShape;
  const { classes } = sizeFor(model, images);
  const fits = (side: number) =>
    !diagnose(infer(model.build([channels, side, side], classes))).some(
      ({ severity }) => severity === 'error',
    );
  let [misfit, fit] = [0, LARGEST_SIDE];
  if (!fits(fit)) return null;
  while (fit - misfit > 1) {
    const middle = Math.floor((misfit + fit) / 2);
    if (fits(middle)) fit = middle;
    else misfit = middle;
  }
  return fit;
}

/** Milliseconds after which a card is drawn even in a window that is never idle. */
const LONGEST_IDLE_WAIT_MS = 1000;

/** The same, without keeping the window from what a person does: undefined until it is there. */
export function useStart(model: ZooModel, images: Images | null): ZooStart | undefined {
  const key = keyOf(model, images);
  const [, setBuilt] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of what is to be built
  useEffect(() => {
    if (known.has(key)) return;
    const build = () => {
      startOf(model, images);
      setBuilt(key);
    };
    const idle = requestIdleCallback(build, { timeout: LONGEST_IDLE_WAIT_MS });
    return () => cancelIdleCallback(idle);
  }, [key]);
  return known.get(key);
}
