/** Bringing images into the studio: from a folder that it can read, or by sending it what was dropped. */
import type { ImportOptions } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { studio } from '../store/connection.ts';
import { host } from '../store/currentHost.ts';
import { useImports } from '../store/imports.ts';
import { openDataset } from '../store/openDataset.ts';
import { useStudio } from '../store/studioState.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt, showMessage } from '../ui/toast.tsx';

/** Imports of this window that are under way: when one is done, what came of it is shown. */
const started = new Set<Id>();

/** From now on what comes of imports is told. */
export function startImports(): void {
  useStudio.subscribe(({ jobs, datasets }) => {
    for (const id of started) {
      const job = jobs[id];
      if (!job || job.state === 'running') continue;
      const dataset = job.dataset === null ? undefined : datasets[job.dataset];
      if (job.state === 'done' && dataset?.state !== 'ready') continue;
      started.delete(id);
      if (job.state === 'failed') showMessage(`${job.title}: ${job.error}`);
      if (dataset?.state !== 'ready') continue;
      openDataset(dataset.id);
      useImports.setState({ arrived: dataset.id });
      const unused =
        dataset.rejectCount === 0 ? '' : ` ${plural(dataset.rejectCount, 'file')} could not be used.`;
      showMessage(`${dataset.name}: ${plural(dataset.count, 'image')}.${unused}`);
    }
  });
}

export function closeImport(): void {
  useImports.setState({ dialog: null });
}

/** Rejects with why the import did not start. */
export async function importFolder(source: { path: string; name: string } & ImportOptions): Promise<void> {
  started.add(await studio().importDataset(source));
  closeImport();
}

/** Goes on with an import that was interrupted, or takes in what changed in the folder. */
export async function renewDataset(id: Id): Promise<void> {
  const job = await attempt(() => studio().renewDataset(id), 'The folder was not looked through');
  if (job) started.add(job);
}

export function cancelJob(id: Id): void {
  void attempt(() => studio().cancelJob(id), 'The import was not cancelled');
}

export function dismissJob(id: Id): void {
  useImports.setState(({ dismissed }) => ({ dismissed: new Set([...dismissed, id]) }));
}

/** What was dropped on the window: a path where the host gives one, else the files themselves. */
export async function importDropped(transfer: DataTransfer): Promise<void> {
  const pathOf = host().pathOf;
  const [first] = transfer.files;
  if (pathOf && first) return useImports.setState({ dialog: { path: pathOf(first) } });
  // Entries are good only until the drop's event has passed: they are taken before anything is awaited.
  const entries = [...transfer.items].flatMap(item => item.webkitGetAsEntry() ?? []);
  await attempt(async () => {
    const { name, files } = await gather(entries);
    if (files.length > 0) await send(name, files);
  }, 'The files could not be sent');
}

interface Dropped {
  /** Below the dropped folder, with `/` between. */
  path: string;
  file: File;
}

/** All files below what was dropped. One folder gives the dataset its name; its own name is no class. */
async function gather(entries: readonly FileSystemEntry[]): Promise<{ name: string; files: Dropped[] }> {
  const [only, ...others] = entries;
  const single = others.length === 0 && only?.isDirectory ? (only as FileSystemDirectoryEntry) : undefined;
  const roots = single ? await childrenOf(single) : entries;
  const files: Dropped[] = [];
  const waiting = roots.map(entry => ({ entry, path: entry.name }));
  for (const { entry, path } of waiting) {
    if (entry.isDirectory) {
      const inner = await childrenOf(entry as FileSystemDirectoryEntry);
      waiting.push(...inner.map(child => ({ entry: child, path: `${path}/${child.name}` })));
    } else files.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
  }
  return { name: single?.name ?? 'images', files };
}

/** A browser hands out a folder in portions; an empty one is the last. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return children;
    children.push(...portion);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** Files sent at the same time: enough to keep the line busy. */
const UPLOADS_AT_ONCE = 4;

const cancelled = new Set<number>();
let lastKey = 0;

export function cancelUpload(key: number): void {
  cancelled.add(key);
}

async function send(name: string, files: readonly Dropped[]): Promise<void> {
  const upload = host().upload;
  if (!upload) throw new TypeError('a host that hides paths must take uploads');
  const key = ++lastKey;
  const id = await studio().beginUpload(freeDatasetName(name));
  useImports.setState(({ uploads }) => ({
    uploads: [...uploads, { key, name, done: 0, total: files.length, startedAt: Date.now() }],
  }));
  const queue = files.values();
  const lane = async () => {
    for (const { path, file } of queue) {
      if (cancelled.has(key)) return;
      await upload(id, path, file);
      count(key);
    }
  };
  let whole = false;
  try {
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, lane));
    whole = !cancelled.has(key);
    if (whole) started.add(await studio().finishUpload(id));
  } finally {
    if (!whole) void attempt(() => studio().cancelUpload(id), 'The uploaded files were not removed');
    cancelled.delete(key);
    useImports.setState(({ uploads }) => ({ uploads: uploads.filter(other => other.key !== key) }));
  }
}

/** `pets`, and where there is a dataset of that name already, `pets 2`. */
export function freeDatasetName(stem: string): string {
  const taken = new Set(Object.values(useStudio.getState().datasets).map(({ name }) => name));
  if (!taken.has(stem)) return stem;
  for (let i = 2; ; i++) if (!taken.has(`${stem} ${i}`)) return `${stem} ${i}`;
}

function count(key: number): void {
  useImports.setState(({ uploads }) => ({
    uploads: uploads.map(upload => (upload.key === key ? { ...upload, done: upload.done + 1 } : upload)),
  }));
}
