/** Weights by which classes with few images count as much as those with many. */

/** Significant figures: more say nothing of images that were counted. */
const FIGURES = 3;

/**
 * All images over the classes and over those of the class (scikit-learn's `balanced`): their mean over the images is
 * 1, so that the learning rate stays right. A class without images gets 0: nothing can be learned of it.
 */
export function balancedWeights(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const there = counts.filter(count => count > 0).length;
  return counts.map(count => (count > 0 ? Number((all / (there * count)).toPrecision(FIGURES)) : 0));
}
