/** How runs answered the images of a split: their confusion, the images themselves, two runs on the same ones. */
import type {
  AnsweredImage,
  AnsweredQuery,
  Id,
  PairedAnswers,
  RunEvaluation,
  Split,
} from '../../bridge/contract.ts';
import type { RunEvaluation as KeptEvaluation } from '../database/runs.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasets.ts';

/** An image whose score is at least this was answered rightly; of boxes, the overlap that counts as found. */
const RIGHT = 0.5;

export class Answers {
  readonly #workspace: Workspace;
  readonly #datasets: Datasets;

  constructor(workspace: Workspace, datasets: Datasets) {
    this.#workspace = workspace;
    this.#datasets = datasets;
  }

  evaluation(id: Id, split: Split): RunEvaluation | null {
    const kept = this.#workspace.runs.evaluation(id, split);
    if (!kept) return null;
    const heads = kept.heads.map(({ answer, classes, confusion, perClass }) => ({
      answer,
      classes,
      confusion,
      perClass,
    }));
    const { epoch, losses } = kept;
    return { split, epoch, images: losses.length, heads, dataset: this.#sameDataset(id) };
  }

  /** Those of the largest loss first. @throws UserError where the dataset is not what it was */
  images(id: Id, query: AnsweredQuery): { total: number; images: AnsweredImage[] } {
    const { split, offset, limit } = query;
    const kept = this.#workspace.runs.evaluation(id, split);
    if (!kept) return { total: 0, images: [] };
    const dataset = this.#sameDataset(id);
    if (dataset === null)
      throw new UserError('The dataset has changed or gone since: its images cannot be shown.');
    const { labels, splits } = this.#datasets.trainingData(dataset);
    const indices = splits[split];
    const found = [...indices.keys()]
      .filter(i => query.label === null || labels[indices[i]!] === query.label)
      .filter(i => query.answered === null || kept.predictions?.[i] === query.answered)
      // What is no number is worst of all.
      .sort((a, b) => worth(kept.losses[b]!) - worth(kept.losses[a]!));
    const images = found.slice(offset, offset + limit).map((i): AnsweredImage => {
      const index = indices[i]!;
      const path = this.#workspace.datasets.image(dataset, index)?.path ?? '';
      const answered = kept.predictions?.[i] ?? null;
      return { index, path, label: labels[index]!, answered, loss: kept.losses[i]! };
    });
    return { total: found.length, images };
  }

  /** @throws UserError where the two were not tried on the same images */
  paired(first: Id, second: Id, split: Split): PairedAnswers {
    const [a, b] = [first, second].map(id => this.#rightOf(id, split)) as [boolean[], boolean[]];
    const [one, other] = [first, second].map(id => this.#workspace.runs.getRun(id)!);
    if (one!.dataFingerprint !== other!.dataFingerprint || a.length !== b.length) {
      throw new UserError(`${one!.name} and ${other!.name} were not tried on the same images.`);
    }
    const count = (right: boolean, too: boolean) =>
      a.filter((isRight, i) => isRight === right && b[i] === too).length;
    return {
      images: a.length,
      bothRight: count(true, true),
      onlyFirst: count(true, false),
      onlySecond: count(false, true),
      bothWrong: count(false, false),
    };
  }

  #rightOf(id: Id, split: Split): boolean[] {
    const kept: KeptEvaluation | undefined = this.#workspace.runs.evaluation(id, split);
    const run = this.#workspace.runs.summary(id);
    if (!run) throw new UserError('This run is not here any more: it was deleted.');
    if (!kept) throw new UserError(`${run.name} was not tried on the ${split} images.`);
    return kept.heads[0]!.scores.map(score => score >= RIGHT);
  }

  /** The dataset that the run was trained on, where it is as it was. */
  #sameDataset(id: Id): Id | null {
    const run = this.#workspace.runs.getRun(id);
    const dataset = run && this.#workspace.datasets.byName(run.dataset);
    return dataset && dataset.fingerprint === run.dataFingerprint ? dataset.id : null;
  }
}

const worth = (loss: number) => (Number.isFinite(loss) ? loss : Number.MAX_VALUE);
