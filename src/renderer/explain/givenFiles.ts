/** Files that a person drops or pastes on a view, folders with all that lies in them. */
import { useEffect } from 'react';

export interface NamedFile {
  /** With its folders, where it was in some. */
  readonly name: string;
  readonly file: File;
}

/** More files than are looked for in folders: what is dropped by mistake may be a whole disk. */
const MOST_DROPPED_FILES = 5000;

export const NO_IMAGE = 'There was no image among these files.';

export const isImage = ({ file }: NamedFile) => file.type.startsWith('image/');

export const chosenFiles = (list: FileList | null): NamedFile[] =>
  [...(list ?? [])].map(file => ({ name: file.webkitRelativePath || file.name, file }));

/** While the view is open, wherever on it they are dropped, and whatever has the focus. */
export function useGivenFiles(take: (files: readonly NamedFile[]) => void): void {
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault();
    const drop = (event: DragEvent) => {
      event.preventDefault();
      if (event.dataTransfer) filesOf(event.dataTransfer).then(take, () => take([]));
    };
    const paste = (event: ClipboardEvent) => {
      const files = chosenFiles(event.clipboardData?.files ?? null);
      if (files.length > 0) take(files);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('drop', drop);
    window.addEventListener('paste', paste);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('drop', drop);
      window.removeEventListener('paste', paste);
    };
  }, [take]);
}

async function filesOf(transfer: DataTransfer): Promise<NamedFile[]> {
  // What was dropped can be asked for only now, not once something was waited for.
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry());
  const plain = chosenFiles(transfer.files);
  const found: NamedFile[] = [];
  for (const entry of entries) if (entry) await collect(entry, found);
  return found.length > 0 ? found : plain;
}

async function collect(entry: FileSystemEntry, found: NamedFile[]): Promise<void> {
  if (found.length >= MOST_DROPPED_FILES) return;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    found.push({ name: entry.fullPath.slice(1), file });
    return;
  }
  if (!isFolder(entry)) return;
  const reader = entry.createReader();
  const next = () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  // A reader gives some at a time, and in the end none.
  for (let some = await next(); some.length > 0; some = await next())
    for (const each of some) await collect(each, found);
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
