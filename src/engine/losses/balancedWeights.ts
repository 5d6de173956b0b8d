/** Class weights that give rare classes as much influence as frequent ones. */

/** Significant figures of a weight; more would be noise. */
const FIGURES = 3;

/**
 * n / (classes · count of the class), as scikit-learn's `balanced`. Their mean over all images is 1, so that the
 * learning rate stays right. A class without images gets 0.
 */
export function balancedWeights(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const there = counts.filter(count => count > 0).length;
  return counts.map(count => (count > 0 ? Number((all / (there * count)).toPrecision(FIGURES)) : 0));
}
