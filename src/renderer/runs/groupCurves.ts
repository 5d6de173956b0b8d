/** One curve for runs that are repeats of each other: their mean, and how far they scatter. Pure. */
import type { RunSummary } from '../../bridge/runCalls.ts';
import { meanBand } from '../../experiments/bands.ts';
import type { Curve } from '../ui/curvePlot.ts';
import { RUN_HUES } from '../ui/families.ts';
import { thin } from '../ui/smoothing.ts';

type CurvesOf = (run: RunSummary) => readonly Curve[];

/** Each group in the hue of its first run, or, where an earlier group has that, in the next that none has. */
export function curvesOfGroups(
  groups: readonly { readonly runs: readonly RunSummary[] }[],
  of: CurvesOf,
): Curve[] {
  const taken = new Set<string>();
  return groups.flatMap(({ runs }) => {
    const curves = groupCurves(runs, of);
    const own = curves[0]?.hue;
    if (own === undefined) return curves;
    const hue = taken.has(own) ? (RUN_HUES.find(each => !taken.has(each)) ?? own) : own;
    taken.add(hue);
    return curves.map(curve => ({ ...curve, hue }));
  });
}

/** The mean of runs that are repeats of each other, and how far they scatter. */
function groupCurves(runs: readonly RunSummary[], of: CurvesOf): Curve[] {
  const members = runs.flatMap(run => of(run).filter(({ style }) => style !== 'faint'));
  const [first] = members;
  if (!first || members.length < 2) return members;
  const { x, mean, low, high } = meanBand(members);
  const kept = thin(mean, MOST_OF_GROUP);
  const at = (values: readonly number[]) => kept.map(i => values[i]!);
  const edge = { ...first, x: at(x), style: 'edge', marks: false } as const;
  return [
    { ...first, x: at(x), y: at(mean), label: `${first.label} and ${members.length - 1} more` },
    { ...edge, y: at(high) },
    { ...edge, y: at(low) },
  ];
}

/** Few enough that the chart thins none of the three curves by itself. */
const MOST_OF_GROUP = 100;
