/** Asks what an import still needs: the folder, where the host has no dialog of its own, its form, and the name. */
import { Button, Group, Modal, NativeSelect } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { DatasetFormat, Preparation, RecognisedFormat } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { useImports } from '../store/imports.ts';
import { Refusal } from '../ui/refusalText.tsx';
import { DatasetName, useNameError } from './datasetName.tsx';
import { FolderPicker } from './folderPicker.tsx';
import { closeImport, freeDatasetName, importFolder } from './importing.ts';
import { DEFAULT_PREPARATION, PreparationForm } from './preparationForm.tsx';

const FORMATS: Readonly<Record<DatasetFormat, string>> = {
  folders: 'Class folders',
  csv: 'Files and a CSV',
  idx: 'IDX (MNIST family)',
  cifar: 'CIFAR in binary',
  coco: 'COCO JSON, boxes',
  masks: 'Images and masks',
};

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
  const [format, setFormat] = useState<DatasetFormat | null>(null);
  const [preparation, setPreparation] = useState<Preparation>(DEFAULT_PREPARATION);
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const path = given ?? picked;
  const name = typed ?? freeDatasetName(nameOf(path));
  const nameError = useNameError(name, typed !== null);
  const found = useRecognised(path);
  const start = async () => {
    if (!path) return;
    setIsBusy(true);
    try {
      await importFolder({ path, name: name.trim(), preparation, ...(format && { format }) });
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
      {given === null ? (
        <FolderPicker
          onPick={next => {
            setPicked(next);
            setFormat(null);
          }}
        />
      ) : (
        <p className="mono data-path">{given}</p>
      )}
      <FormatChoice found={found} chosen={format} onChange={setFormat} />
      <DatasetName label="Name of the dataset" name={name} error={nameError} onChange={setTyped} />
      <PreparationForm preparation={preparation} onChange={setPreparation} />
      <Refusal why={refusal} />
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

interface FormatChoiceProps {
  found: readonly RecognisedFormat[];
  chosen: DatasetFormat | null;
  onChange: (format: DatasetFormat | null) => void;
}

/** In what form the folder is read, and why. */
function FormatChoice({ found, chosen, onChange }: FormatChoiceProps) {
  const [likeliest] = found;
  const reason = found.find(({ format }) => format === (chosen ?? likeliest?.format))?.reason;
  const automatic = likeliest ? `Automatic: ${FORMATS[likeliest.format]}` : 'Automatic';
  return (
    <NativeSelect
      label="Read as"
      description={
        reason
          ? `Because ${reason}.`
          : 'A folder for each class, or images with a CSV, a COCO JSON or a folder of masks, or files of the MNIST or CIFAR family.'
      }
      value={chosen ?? ''}
      data={[
        { value: '', label: automatic },
        ...Object.entries(FORMATS).map(([value, label]) => ({ value, label })),
      ]}
      onChange={event => onChange((event.currentTarget.value || null) as DatasetFormat | null)}
    />
  );
}

/** In which forms a folder can be read; empty while that is not known, or there is none. */
function useRecognised(path: string | null): readonly RecognisedFormat[] {
  const [found, setFound] = useState<readonly RecognisedFormat[]>([]);
  useEffect(() => {
    let isCurrent = true;
    setFound([]);
    // A folder that holds no dataset is no fault until it is imported.
    if (path)
      studio()
        .recogniseFolder(path)
        .then(
          answer => isCurrent && setFound(answer),
          () => undefined,
        );
    return () => {
      isCurrent = false;
    };
  }, [path]);
  return found;
}

function nameOf(path: string | null): string {
  return path?.split(/[\\/]/).findLast(part => part !== '') ?? '';
}
