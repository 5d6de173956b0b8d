/** A dataset's version as training reads it: the paths of its pixels, labels and splits. */
import type { Split } from '../../../../bridge/datasetCalls.ts';
import { DIGEST_BYTES, type TrainingData } from '../../../../engine/runtime/trainingData.ts';
import { type DatasetRecord, isInUse } from '../../../database/datasetRows.ts';
import type { VersionRecord } from '../../../database/versionQueries.ts';
import type { Workspace } from '../../../database/workspace.ts';
import { UserError } from '../../../userError.ts';
import { normalisationOf } from '../versions/normalisation.ts';
import type { CacheFolder } from './imageCache.ts';

/**
 * @param fingerprint of the version that is wanted; without it, the present one
 * @throws UserError where the dataset is not ready, or there is no such version
 */
export function readForTraining(
  workspace: Workspace,
  cache: CacheFolder,
  record: DatasetRecord,
  fingerprint: string | undefined,
): TrainingData {
  const { datasets, versions } = workspace;
  if (record.state !== 'ready') {
    throw new UserError(
      record.state === 'partial'
        ? `The import of “${record.name}” was interrupted: let it go on first.`
        : `“${record.name}” is still being imported.`,
    );
  }
  const isPresent = fingerprint === undefined || fingerprint === record.fingerprint;
  const version = isPresent ? undefined : versions.byFingerprint(record.id, fingerprint);
  if (!isPresent && !version)
    throw new UserError(
      `The dataset ${record.name} is not the one that was trained on, nor is a version of it.`,
    );
  const labelled = version ? labelsAndSplits(version) : datasets.labelsAndSplits(record);
  const digests = datasets.digests(record.id, DIGEST_BYTES);
  // Images added after a version do not belong to it.
  const own = (of: Uint8Array) => of.slice(0, labelled.labels.length * DIGEST_BYTES);
  return {
    imagesPath: cache.imagesPath(record.id),
    imageDigests: own(digests.images),
    imageShape: record.imageShape,
    classes: version?.classes ?? record.classes,
    ...labelled,
    ...(record.boxes && { boxes: datasets.boxes(record) }),
    ...(record.maskClasses.length > 0 && {
      masks: { path: cache.masksPath(record.id), classes: record.maskClasses, digests: own(digests.masks) },
    }),
    ...normalisationOf(record.options.normalise, version ?? record),
    fingerprint: version?.fingerprint ?? record.fingerprint,
  };
}

function labelsAndSplits({ labels, places }: VersionRecord): Pick<TrainingData, 'labels' | 'splits'> {
  const all = [...places.keys()].filter(index => isInUse(places[index]!));
  const of = (split: Split) => Int32Array.from(all.filter(index => places[index] === split));
  return { labels, splits: { train: of('train'), val: of('val'), test: of('test') } };
}
