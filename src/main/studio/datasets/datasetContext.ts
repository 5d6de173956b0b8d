/** What the services for datasets share: records, caches, jobs, and exclusive access. */
import type { StudioEvent } from '../../../bridge/contract.ts';
import { type Id, isId } from '../../../bridge/ids.ts';
import type { DatasetRecord } from '../../database/datasetRows.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import { CacheFolder } from './cache/imageCache.ts';
import { summaryOf } from './datasetRecord.ts';
import { Jobs } from './jobs.ts';

export class DatasetContext {
  readonly workspace: Workspace;
  readonly emit: (event: StudioEvent) => void;
  readonly cache: CacheFolder;
  readonly jobs: Jobs;
  /** Names of datasets that are being imported. */
  readonly reserved = new Set<string>();

  constructor(workspace: Workspace, emit: (event: StudioEvent) => void) {
    this.workspace = workspace;
    this.emit = emit;
    this.cache = new CacheFolder(workspace.folder);
    this.jobs = new Jobs(emit, workspace.folder);
  }

  get(id: Id): DatasetRecord {
    const record = this.workspace.datasets.get(id);
    if (!record) throw new UserError('This dataset is not here any more: it was deleted.');
    return readable(record);
  }

  named(nameOrId: string): DatasetRecord {
    const { datasets } = this.workspace;
    const record = datasets.byName(nameOrId) ?? (isId(nameOrId) ? datasets.get(nameOrId) : undefined);
    if (record) return readable(record);
    const names = datasets.list().map(({ name }) => name);
    throw new UserError(
      `There is no dataset “${nameOrId}”. ${names.length ? `There are: ${names.join(', ')}.` : 'Import one first.'}`,
    );
  }

  put(record: DatasetRecord): void {
    this.workspace.datasets.put(record);
    this.tell(record);
  }

  tell(record: DatasetRecord): void {
    this.emit({ type: 'dataset', dataset: summaryOf(record) });
  }

  refuseBusy({ id, name, state }: DatasetRecord): void {
    if (state === 'importing') throw new UserError(`“${name}” is still being imported: cancel that first.`);
    if (this.jobs.running(id))
      throw new UserError(`“${name}” is being looked through: wait, or cancel that.`);
  }

  refuseTraining({ id, name }: DatasetRecord): void {
    if (this.workspace.runs.isTrainedOn(id))
      throw new UserError(`A run is training on “${name}”: stop it first.`);
  }

  requireName(name: string): void {
    this.workspace.requireWrite();
    if (name.trim() === '' || name.length > 200) {
      throw new UserError('A dataset needs a name of 1 to 200 characters.');
    }
    if (this.isTaken(name)) {
      throw new UserError(`There is already a dataset named “${name}”. Choose another name.`);
    }
  }

  isTaken(name: string): boolean {
    return this.reserved.has(name) || this.workspace.datasets.byName(name) !== undefined;
  }
}

/** @throws UserError where its row is damaged */
function readable(record: DatasetRecord): DatasetRecord {
  if (record.fault !== null) throw new UserError(`${record.name}: ${record.fault}`);
  return record;
}
