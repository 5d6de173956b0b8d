import { expect, it } from 'vitest';
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import { curvesOfGroups } from '../../src/renderer/runs/groupCurves.ts';
import type { Curve } from '../../src/renderer/ui/curvePlot.ts';
import { RUN_HUES } from '../../src/renderer/ui/families.ts';

const run = (id: string) => ({ id, name: id }) as RunSummary;
const curvesIn =
  (hues: Readonly<Record<string, string>>) =>
  ({ id, name }: RunSummary): Curve[] => [{ label: name, hue: hues[id]!, x: [1, 2], y: [id.length, 3] }];

it('draws each group in its first run’s hue, and no two in the same', () => {
  const [first, second, third] = RUN_HUES as readonly string[] as [string, string, string];
  const groups = [{ runs: [run('a'), run('bb')] }, { runs: [run('c'), run('dd')] }, { runs: [run('e')] }];
  const hues = { a: second, bb: first, c: second, dd: third, e: third };
  const curves = curvesOfGroups(groups, curvesIn(hues));
  expect(curves.map(({ hue }) => hue)).toEqual([second, second, second, first, first, first, third]);
  expect(curves[0]).toMatchObject({ label: 'a and 1 more', y: [1.5, 3] });
});
