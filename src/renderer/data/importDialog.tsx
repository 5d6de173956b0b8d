/** Asks what an import still needs: the folder, where the host has no dialog of its own, and the name. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FolderPicker } from './folderPicker.tsx';
import { closeImport, importFolder, useImports } from './importing.ts';

export function ImportDialog() {
  const dialog = useImports(state => state.dialog);
  return (
    <Modal opened={dialog !== null} onClose={closeImport} title="Import a folder of images" size="lg">
      {dialog && <ImportForm given={dialog.path} />}
    </Modal>
  );
}

function ImportForm({ given }: { given: string | null }) {
  const [picked, setPicked] = useState<string | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const path = given ?? picked;
  const name = typed ?? nameOf(path);
  const error = typed !== null && typed.trim() === '' ? 'A name is wanted.' : null;
  const start = async () => {
    if (path === null || path === '' || name.trim() === '') return;
    setIsBusy(true);
    if (!(await importFolder(path, name.trim()))) setIsBusy(false);
  };
  return (
    <form
      className="data-import"
      onSubmit={event => {
        event.preventDefault();
        void start();
      }}
    >
      {given === null ? <FolderPicker onPick={setPicked} /> : <p className="mono data-path">{given}</p>}
      <p className="dim">
        One folder for each class, or files of the MNIST family. Folders named <i>train</i>, <i>val</i> and{' '}
        <i>test</i> above the classes give the split; without them it is drawn, the same each time.
      </p>
      <TextInput
        label="Name of the dataset"
        value={name}
        maxLength={200}
        error={error}
        onChange={event => setTyped(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="xs">
        <Button onClick={closeImport}>Cancel</Button>
        <Button type="submit" variant="filled" loading={isBusy} disabled={!path || name.trim() === ''}>
          Import this folder
        </Button>
      </Group>
    </form>
  );
}

function nameOf(path: string | null): string {
  return path?.split(/[\\/]/).findLast(part => part !== '') ?? '';
}
