/** Which network of the zoo a file of weights was made for, for how many classes and channels. */
import { infer } from '../graph/infer.ts';
import { zooModels } from '../zoo/registry.ts';
import type { ModelSize, ZooModel } from '../zoo/zoo.ts';
import { type MatchSummary, matchWeights, summaryOf, type WeightMatch } from './matchWeights.ts';
import { type NamedShape, weightSlots } from './weightSlots.ts';

export interface ZooFit {
  readonly model: ZooModel;
  /** As it was published, but for classes and channels: those of the file. */
  readonly size: ModelSize;
  readonly matches: readonly WeightMatch[];
  readonly summary: MatchSummary;
}

/** Where less of a network's numbers is in the file, it was made for another one. */
const LEAST_SHARE = 0.5;

/** A file of more was made for none of these networks: the largest has less than a thousand. */
const MOST_TENSORS = 10_000;

/** The networks that the file fits, the best first; at most so many. */
export function fitsOfZoo(tensors: readonly NamedShape[], most: number): ZooFit[] {
  if (tensors.length > MOST_TENSORS) return [];
  const fits = zooModels().map(model => fitOf(model, tensors));
  return fits
    .filter(({ summary }) => summary.ofNetwork >= LEAST_SHARE)
    .sort((a, b) => worth(b) - worth(a))
    .slice(0, most);
}

/** What is missing in the network, and what is left over of the file, speak alike against it. */
const worth = ({ summary: { ofNetwork, ofFile } }: ZooFit) => ofNetwork + ofFile;

/** How the file fits a network that is made for the classes and channels of the file. */
export function fitOf(model: ZooModel, tensors: readonly NamedShape[]): ZooFit {
  const published = fitAt(model, { input: model.input, classes: model.classes }, tensors);
  const size = sizeIn(published);
  const { input, classes } = published.size;
  return size.classes === classes && size.input[0] === input[0] ? published : fitAt(model, size, tensors);
}

function fitAt(model: ZooModel, size: ModelSize, tensors: readonly NamedShape[]): ZooFit {
  const slots = weightSlots(infer(model.build(size.input, size.classes)));
  const matches = matchWeights(slots, tensors);
  return { model, size, matches, summary: summaryOf(matches) };
}

/** Beyond it a number is none of channels. */
const MOST_CHANNELS = 4;
const MOST_CLASSES = 100_000;

/** What the first and the last weight of several axes say of channels and classes. */
function sizeIn({ model, size, matches }: ZooFit): ModelSize {
  const layers = matches.filter(({ slot, tensor }) => slot && tensor && slot.shape.length > 1);
  const [first, last] = [layers[0], layers.at(-1)];
  const channels = first && first.slot!.shape[1] === model.input[0] ? first.tensor!.shape[1] : undefined;
  const classes = last && last.slot!.shape[0] === model.classes ? last.tensor!.shape[0] : undefined;
  const [, height, width] = size.input;
  return {
    input: [channels && channels <= MOST_CHANNELS ? channels : size.input[0], height, width],
    classes: classes && classes <= MOST_CLASSES ? classes : size.classes,
  };
}
