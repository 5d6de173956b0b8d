/** Browses the folders that the studio may read, for hosts that have no dialog of their own. */
import { Button, Loader } from '@mantine/core';
import { IconArrowUp, IconFolder, IconHome } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { FolderListing } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { plural } from '../ui/numberFormat.ts';

interface FolderPickerProps {
  /** Called with each folder that is opened: the open one is the one picked. Null while it is being opened. */
  onPick: (path: string | null) => void;
}

export function FolderPicker({ onPick }: FolderPickerProps) {
  const [listing, setListing] = useState<FolderListing>();
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string | null>(null);
  const latest = useRef<object>(undefined);
  const open = async (path: string | null) => {
    const asked = {};
    latest.current = asked;
    onPick(null);
    try {
      const answer = await studio().listFolder(path);
      if (latest.current !== asked) return;
      setListing(answer);
      setTyped(answer.path);
      setError(null);
      onPick(answer.path);
    } catch (failure) {
      if (latest.current !== asked) return;
      setError((failure as Error).message);
      onPick(listing?.path ?? null);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins where the studio says, once
  useEffect(() => void open(null), []);
  return (
    <div className="folder-picker">
      <div className="folder-bar">
        <Button leftSection={<IconHome size={14} />} onClick={() => open(null)}>
          Start
        </Button>
        <Button
          leftSection={<IconArrowUp size={14} />}
          disabled={!listing?.parent}
          onClick={() => open(listing?.parent ?? null)}
        >
          Up
        </Button>
        <input
          className="input mono"
          aria-label="Folder"
          aria-invalid={error !== null}
          spellCheck={false}
          value={typed}
          onChange={event => setTyped(event.target.value)}
          onKeyDown={event => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            void open(typed);
          }}
          onBlur={() => {
            if (listing && typed !== listing.path && typed !== '') void open(typed);
          }}
        />
      </div>
      {error !== null && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      <ul className="folder-list" aria-label="Folders">
        {!listing && <Loader size="sm" m="md" />}
        {listing?.folders.map(folder => (
          <li key={folder.path}>
            <button type="button" className="folder-item" onClick={() => open(folder.path)}>
              <IconFolder size={16} />
              {folder.name}
            </button>
          </li>
        ))}
        {listing?.folders.length === 0 && <li className="dim folder-none">No folders in here.</li>}
      </ul>
      {listing && listing.path !== '' && (
        <p className="tiny">
          {plural(listing.folders.length, 'folder')} and {plural(listing.files, 'file')} in here.
        </p>
      )}
    </div>
  );
}
