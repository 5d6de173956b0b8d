/** What a run says of the features that it keeps, in a line. */
import type { FeatureReport } from '../../engine/runtime/trainerMessages.ts';
import { explained, sizeText } from '../errorSentences.ts';

/** @param folder the workspace's */
export function featureLine({ images, bytes, seconds, refused }: FeatureReport, folder: string): string {
  if (refused === 'room')
    return `Features are not kept: they would take ${sizeText(bytes)}, more than there is room for. Each epoch computes them anew.`;
  if (refused === 'augmented')
    return 'Features are not kept: images are augmented, so that frozen layers see each one anew in every epoch.';
  if (refused)
    return `${explained(refused, folder).message} Features are not kept: the run goes on without, and each epoch computes them anew.`;
  const kept = `features of ${images.toLocaleString('en')} images kept`;
  const { computed, read } = seconds;
  if (read === null) return `${kept} on disk, in ${sizeText(bytes)}`;
  return `${kept}: ${secondsText(read)} an epoch${computed === null ? '' : ` instead of ${secondsText(computed)}`}`;
}

function secondsText(seconds: number): string {
  return `${seconds < 10 ? seconds.toFixed(seconds < 1 ? 2 : 1) : Math.round(seconds)} s`;
}
