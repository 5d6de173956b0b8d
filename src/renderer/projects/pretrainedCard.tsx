/** A pretrained network to start from, on a card: what it has seen, what of it learns, and why that is enough here. */
import { useMemo } from 'react';
import type { Pretrained } from '../../engine/graph/pretrained.ts';
import type { Images } from '../graphView/zooStarts.ts';
import { groupDigits, plural, short } from '../ui/numberFormat.ts';
import { faultOf, learningParameters } from './projectStart.ts';

interface PretrainedCardProps {
  weights: Pretrained;
  images: Images;
  /** How many images the dataset has. */
  count: number;
  isChosen: boolean;
  onChoose: () => void;
}

export function PretrainedCard({ weights, images, count, isChosen, onChoose }: PretrainedCardProps) {
  const { learning, fault } = useMemo(() => {
    const fault = faultOf({ kind: 'pretrained', weights }, images);
    return { fault, learning: fault === null ? learningParameters(weights, images) : 0 };
  }, [weights, images]);
  const title = `${weights.title}, pretrained`;
  const text =
    fault ??
    `It has seen ${weights.images}. Only its last layer learns your ${plural(images.classes.length, 'class', 'classes')}: trained in seconds once the features of your ${plural(count, 'image')} are computed.`;
  return (
    <label className="zoo-card zoo-pretrained" data-disabled={fault !== null || undefined}>
      <input
        type="radio"
        name="start"
        className="visually-hidden"
        aria-label={`${title}: ${text}`}
        checked={isChosen}
        disabled={fault !== null && !isChosen}
        onChange={onChoose}
      />
      <span className="zoo-title">
        <b className="truncate">{title}</b>
        <span className="tiny">Start from a pretrained network</span>
      </span>
      {fault === null && (
        <span className="zoo-figures">{short(learning)} params learn, the rest is kept</span>
      )}
      <span className={fault === null ? 'tiny' : 'zoo-fault'}>{groupDigits(text)}</span>
    </label>
  );
}
