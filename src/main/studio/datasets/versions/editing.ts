/** Edits of labels, splits and exclusions. Each makes or amends a version, and returns its inverse. */
import type { ImageEdit, SplitRule } from '../../../../bridge/datasetCalls.ts';
import type { Id } from '../../../../bridge/ids.ts';
import { type DatasetRecord, type ImageRow, isInUse } from '../../../database/datasetRows.ts';
import type { Workspace } from '../../../database/workspace.ts';
import { UserError } from '../../../userError.ts';
import { LOOK_BYTES } from '../decode/measureImage.ts';
import { assignSplits } from './splitImages.ts';
import { labellingOf, nextVersion } from './versioning.ts';

export interface Edited {
  record: DatasetRecord;
  /** The edits that undo it. */
  inverse: ImageEdit[];
}

/** @throws UserError where an image or class does not exist, or no training images would remain */
export function editImages(workspace: Workspace, record: DatasetRecord, edits: readonly ImageEdit[]): Edited {
  return revise(workspace, record, rows => {
    const byIndex = new Map(rows.map(row => [row.index, row]));
    return edits.map(({ index, label, split }) => {
      const row = byIndex.get(index);
      if (!row || row.place === 'gone' || row.place === 'new')
        throw new UserError(`The dataset has no image ${index}.`);
      if (label !== undefined && label >= record.classes.length)
        throw new UserError(`The dataset has no class ${label}.`);
      const place = split === undefined ? row.place : (split ?? 'none');
      return { ...row, label: label ?? row.label, place };
    });
  });
}

/** Splits all images anew. The rule is kept for images added later. */
export function splitAnew(workspace: Workspace, record: DatasetRecord, splitRule: SplitRule): Edited {
  return revise(workspace, { ...record, splitRule }, rows => {
    const used = rows.filter(({ place }) => isInUse(place));
    const splits = assignSplits(
      used.map(({ path, label, given, twins }) => ({ path, label, split: given, twins })),
      splitRule,
    );
    return used.map((row, at) => ({ ...row, place: splits[at]! }));
  });
}

/** Restores labels and splits of an earlier version; images that it lacks are excluded. */
export function restoreVersion(workspace: Workspace, record: DatasetRecord, wanted: number): Edited {
  const version = workspace.versions.get(record.id, wanted);
  if (!version) throw new UserError(`There is no version ${wanted} of ${record.name}.`);
  const labels = version.classes.map(name => record.classes.indexOf(name));
  return revise(workspace, record, rows =>
    rows.flatMap(row => {
      if (row.place === 'gone' || row.place === 'new') return [];
      const place = version.places[row.index] ?? 'gone';
      if (place === 'gone' || place === 'new') return [{ ...row, place: 'none' as const }];
      return [{ ...row, place, label: labels[version.labels[row.index]!]! }];
    }),
  );
}

function revise(
  workspace: Workspace,
  record: DatasetRecord,
  edit: (rows: readonly ImageRow[]) => readonly ImageRow[],
): Edited {
  const rows = workspace.datasets.rows(record.id);
  const edited = new Map(edit(rows).map(row => [row.index, row]));
  const changed = rows.filter(row => {
    const next = edited.get(row.index);
    return next && (next.label !== row.label || next.place !== row.place);
  });
  const after = rows.map(row => edited.get(row.index) ?? row);
  if (!after.some(({ place }) => place === 'train'))
    throw new UserError('No image would be left to train on: leave some of them where they are.');
  const next = workspace.transaction(() => {
    workspace.datasets.change(
      record.id,
      changed.map(({ index }) => edited.get(index)!),
    );
    const version = nextVersion(workspace, record, labellingOf(rows, record.classes), after);
    workspace.datasets.put(version);
    return version;
  });
  return { record: next, inverse: changed.map(inverseOf) };
}

function inverseOf({ index, label, place }: ImageRow): ImageEdit {
  return { index, label, split: isInUse(place) ? place : null };
}

/** Makes measurements that an older version did not, before a first edit. */
export async function measureMissing(
  workspace: Workspace,
  id: Id,
  measured: (row: ImageRow) => Promise<Pick<ImageRow, 'moments' | 'look' | 'maskHash'>>,
): Promise<void> {
  const missing = workspace.datasets
    .rows(id)
    .filter(({ moments, look }) => moments === null || (look !== null && look.length < LOOK_BYTES));
  const filled: ImageRow[] = [];
  for (const row of missing) filled.push({ ...row, ...(await measured(row)) });
  workspace.transaction(() => {
    for (const row of filled) workspace.datasets.measure(id, row);
  });
}
