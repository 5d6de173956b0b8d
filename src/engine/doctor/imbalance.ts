/** Ignored class imbalance: rare classes are not learned, because they hardly contribute to the loss. */
import { mean, percentText } from './curves.ts';
import type { Illness } from './illness.ts';
import { balance } from './remedies.ts';

/** A class is rare if the largest has this many times as many images. */
const RARE_CLASS_RATIO = 4;
/** The least difference in recall between frequent and rare classes. */
const RECALL_GAP = 0.25;

export const imbalance: Illness = {
  name: 'class-imbalance',
  title: 'Rare classes are not learned',
  explainedBy: ['divergence', 'dead-units', 'vanishing-gradients'],

  recognise({ training, classCounts, recalls }) {
    if (!classCounts || recalls?.length !== classCounts.length) return undefined;
    const isWeighed = training.losses.some(
      ({ answer, params }) => answer === 'class' && Array.isArray(params.weight) && params.weight.length > 0,
    );
    const most = Math.max(...classCounts);
    const found = (isRare: boolean) =>
      recalls.filter((_, i) => classCounts[i]! > 0 && RARE_CLASS_RATIO * classCounts[i]! <= most === isRare);
    const [rare, frequent] = [found(true), found(false)];
    if (isWeighed || rare.length === 0 || mean(frequent) - mean(rare) < RECALL_GAP) return undefined;
    const least = Math.min(...classCounts.filter(count => count > 0));
    return `Classes have between ${least} and ${most} training images, and all count alike: of the frequent ones ${percentText(mean(frequent))} are found, of the rare ones ${percentText(mean(rare))}. To be right about what is frequent is enough for a small loss.`;
  },

  remedies: ({ classCounts }, document) => [classCounts ? balance(document, classCounts) : undefined],
};
