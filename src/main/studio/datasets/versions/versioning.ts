/** Versions of a dataset: statistics and fingerprints from its images' rows, without reading pixels. */
import { createHash } from 'node:crypto';
import { type DatasetRecord, type ImageRow, isInUse } from '../../../database/datasetRows.ts';
import type { Labelling } from '../../../database/versionQueries.ts';
import type { Workspace } from '../../../database/workspace.ts';
import { statisticsOf } from '../decode/measureImage.ts';

const SPLIT_CODES = { train: 0, val: 1, test: 2 } as const;

/** The summary of a record's images. */
export function summarise(
  rows: readonly ImageRow[],
  [channels, height, width]: DatasetRecord['imageShape'],
): Pick<DatasetRecord, 'count' | 'mean' | 'std' | 'fingerprint'> {
  const used = rows.filter(({ place }) => isInUse(place));
  const train = used.filter(({ place }) => place === 'train');
  const digest = createHash('sha256');
  for (let at = 0; at < used.length; at += IMAGES_PER_HASH)
    digest.update(factsOf(used.slice(at, at + IMAGES_PER_HASH)));
  return {
    count: used.length,
    ...statisticsOf(
      train.map(({ moments }) => moments!),
      channels,
      height * width,
    ),
    fingerprint: digest.digest('hex'),
  };
}

/** Images hashed at once, which is faster than one by one. */
const IMAGES_PER_HASH = 1000;

/** The bytes that a fingerprint is computed from. */
function factsOf(rows: readonly ImageRow[]): Buffer {
  const facts = Buffer.alloc(5 * rows.length);
  const parts = rows.flatMap(({ hash, maskHash, box, label, place }, at) => {
    facts.writeInt32LE(label, 5 * at);
    facts[5 * at + 4] = isInUse(place) ? SPLIT_CODES[place] : 0;
    const own = facts.subarray(5 * at, 5 * at + 5);
    if (!maskHash && !box) return [hash, own];
    return [hash, ...(maskHash ? [maskHash] : []), ...(box ? [Buffer.from(JSON.stringify(box))] : []), own];
  });
  return Buffer.concat(parts);
}

export function labellingOf(rows: readonly ImageRow[], classes: string[]): Labelling {
  const count = (rows.at(-1)?.index ?? -1) + 1;
  const labelling: Labelling = {
    classes,
    labels: new Int32Array(count),
    places: new Array<ImageRow['place']>(count).fill('gone'),
  };
  for (const { index, label, place } of rows) {
    labelling.labels[index] = label;
    labelling.places[index] = place;
  }
  return labelling;
}

/** The changes in a few words. */
function changeBetween(before: Labelling, after: Labelling): string {
  const counts = {
    added: 0,
    'taken out of the source': 0,
    relabelled: 0,
    'left out': 0,
    'taken back': 0,
    moved: 0,
  };
  for (const [index, place] of after.places.entries()) {
    const was = before.places[index] ?? 'gone';
    const [used, wasUsed] = [isInUse(place), isInUse(was)];
    if (used && was === 'gone') counts.added++;
    else if (place === 'gone' && was !== 'gone') counts['taken out of the source']++;
    else if (used && was === 'none') counts['taken back']++;
    else if (place === 'none' && wasUsed) counts['left out']++;
    else if (used && wasUsed && place !== was) counts.moved++;
    const [name, oldName] = [after.classes[after.labels[index]!], before.classes[before.labels[index]!]];
    if (used && wasUsed && name !== oldName) counts.relabelled++;
  }
  const parts = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  return parts.length > 0 ? parts.join(', ') : 'as before';
}

/**
 * The record of the version with these rows. If the current version was imported or trained on, it is kept and a new
 * one begins; else it is amended. Part of a transaction.
 */
export function nextVersion(
  workspace: Workspace,
  record: DatasetRecord,
  before: Labelling,
  rows: readonly ImageRow[],
  classes = record.classes,
): DatasetRecord {
  const { versions } = workspace;
  const after = labellingOf(rows, classes);
  const summary = summarise(rows, record.imageShape);
  if (summary.fingerprint === record.fingerprint && classes.join('\0') === record.classes.join('\0'))
    return record;
  const earlier = record.version > 1 ? versions.get(record.id, record.version - 1) : undefined;
  if (earlier && !versions.isUsed(record.id, record.fingerprint)) {
    return { ...record, ...summary, classes, versionedAt: Date.now(), change: changeBetween(earlier, after) };
  }
  versions.keep(record, before);
  const change = changeBetween(before, after);
  return { ...record, ...summary, classes, version: record.version + 1, versionedAt: Date.now(), change };
}
