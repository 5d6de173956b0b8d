/** Asks what an import still needs: the folder, where the host has no dialog of its own, and the name. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useStudio } from '../store/studio.ts';
import { FolderPicker } from './folderPicker.tsx';
import { closeImport, freeDatasetName, importFolder, useImports } from './importing.ts';

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
  const [refusal, setRefusal] = useState<string | null>(null);
  const datasets = useStudio(state => state.datasets);
  const taken = new Set(Object.values(datasets).map(dataset => dataset.name));
  const path = given ?? picked;
  const name = typed ?? freeDatasetName(nameOf(path));
  const nameError = refusesName(name.trim(), typed !== null, taken);
  const start = async () => {
    if (!path) return;
    setIsBusy(true);
    try {
      await importFolder(path, name.trim());
    } catch (error) {
      setRefusal((error as Error).message);
      setIsBusy(false);
    }
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
        error={nameError}
        onChange={event => setTyped(event.currentTarget.value)}
      />
      {refusal !== null && (
        <p className="bad" role="alert">
          {refusal}
        </p>
      )}
      <Group justify="flex-end" gap="xs">
        <Button onClick={closeImport}>Cancel</Button>
        <Button
          type="submit"
          variant="filled"
          loading={isBusy}
          disabled={!path || name.trim() === '' || nameError !== null}
        >
          Import this folder
        </Button>
      </Group>
    </form>
  );
}

function refusesName(name: string, isTyped: boolean, taken: ReadonlySet<string>): string | null {
  if (name === '') return isTyped ? 'A name is wanted.' : null;
  return taken.has(name) ? 'Another dataset has this name.' : null;
}

function nameOf(path: string | null): string {
  return path?.split(/[\\/]/).findLast(part => part !== '') ?? '';
}
