/** `receptive compare RUN RUN…`: where runs differ, and whether the second is better than the first. It reads only. */
import type { Id } from '../../bridge/ids.ts';
import { differs, diffGraphs } from '../../engine/graph/diff.ts';
import { mcnemar } from '../../experiments/statistics.ts';
import { survey } from '../../experiments/survey.ts';
import { quoted } from '../arguments.ts';
import type { Workspace } from '../database/workspace.ts';
import { Datasets } from '../studio/datasets/datasetService.ts';
import { RunAnswers } from '../studio/runAnswers.ts';
import { UserError } from '../userError.ts';
import { type Invocation, paragraphs, print, table } from './command.ts';
import { openToRead } from './openWorkspace.ts';

export async function compareRuns(invocation: Invocation): Promise<number> {
  const workspace = openToRead(invocation);
  try {
    const all = workspace.runs.listRuns();
    const runs = invocation.positionals.map(wanted => {
      const found = all.find(({ id, name }) => id === wanted || name === wanted);
      if (!found)
        throw new UserError(`There is no run or file ${quoted(wanted)}; receptive runs lists the runs.`);
      return found;
    });
    const { differing, metrics } = survey(runs);
    const rows = (names: readonly string[], of: 'settings' | 'metrics') =>
      Object.fromEntries(names.map(name => [name, runs.map(run => run[of][name] ?? null)]));
    const [first, second] = [runs[0]!, runs[1]!];
    const document = {
      runs: runs.map(({ id, name }) => ({ id, name })),
      settings: rows(differing, 'settings'),
      metrics: rows(metrics, 'metrics'),
      network: networkDifference(workspace, first.id, second.id),
      sameImages: sameImages(workspace, first.id, second.id),
    };
    print(invocation, document, () => readable(document));
    return 0;
  } finally {
    workspace.close();
  }
}

function networkDifference({ runs }: Workspace, first: Id, second: Id) {
  const [before, after] = [runs.getRun(first)!.document.graph, runs.getRun(second)!.document.graph];
  const diff = diffGraphs(before, after);
  const { added, removed, changed, deltaParams, deltaMacs } = diff;
  return {
    same: !differs(diff),
    added: added.length,
    removed: removed.length,
    changed: changed.length,
    deltaParams,
    deltaMacs,
  };
}

/** Of the first two; null where they were not tried on the same images. */
function sameImages(workspace: Workspace, first: Id, second: Id) {
  try {
    const answers = new RunAnswers(workspace, new Datasets(workspace, () => {}, []));
    const pairs = answers.paired(first, second, 'test');
    return { ...pairs, p: mcnemar(pairs.onlyFirst, pairs.onlySecond) };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

type Figures = Readonly<Record<string, readonly (number | string | boolean | null)[]>>;

interface Document {
  runs: { name: string }[];
  settings: Figures;
  metrics: Figures;
  network: ReturnType<typeof networkDifference>;
  sameImages: ReturnType<typeof sameImages>;
}

function readable({ runs, settings, metrics, network, sameImages }: Document): string[] {
  const cell = (value: number | string | boolean | null) => {
    if (typeof value !== 'number') return String(value ?? '');
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  };
  const rows = (figures: Figures) =>
    Object.entries(figures).map(([name, values]) => [name, ...values.map(cell)]);
  const figures = table(['', ...runs.map(({ name }) => name)], [...rows(settings), ...rows(metrics)]);
  const { same, added, removed, changed, deltaParams } = network;
  const networks = same
    ? 'The networks are the same.'
    : `The networks differ: ${added} added, ${removed} removed, ${changed} changed; ${deltaParams > 0 ? '+' : ''}${deltaParams} parameters.`;
  if (!sameImages) return paragraphs(figures, [networks]);
  const { images, onlyFirst, onlySecond, p } = sameImages;
  return paragraphs(
    figures,
    [networks],
    [
      `Of ${images} test images only ${runs[0]!.name} is right on ${onlyFirst}, only ${runs[1]!.name} on ${onlySecond} (McNemar's exact test: p ${p.toPrecision(3)}).`,
    ],
  );
}
