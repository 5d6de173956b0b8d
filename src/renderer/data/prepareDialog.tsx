/**
 * Asks how the files of a dataset are to be prepared otherwise, and makes a dataset of that beside it. The one that is
 * there stays as it is: runs were trained on its pixels.
 */
import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState } from 'react';
import type { DatasetDetail } from '../../bridge/datasetCalls.ts';
import { Refusal } from '../ui/refusalText.tsx';
import { DatasetName, useNameError } from './datasetName.tsx';
import { freeDatasetName, importFolder } from './importing.ts';
import { PreparationForm } from './preparationForm.tsx';

interface PrepareDialogProps {
  detail: DatasetDetail;
  source: string;
  onClose: () => void;
}

export function PrepareDialog({ detail, source, onClose }: PrepareDialogProps) {
  const { id, format, options } = detail;
  const [preparation, setPreparation] = useState(options);
  const [name, setName] = useState(() => freeDatasetName(detail.name));
  const [refusal, setRefusal] = useState<string | null>(null);
  const nameError = useNameError(name, true);
  const isSame = JSON.stringify(preparation) === JSON.stringify(options);
  const start = async () => {
    if (format === 'shapes') return;
    try {
      await importFolder({ path: source, name: name.trim(), format, preparation, like: id });
      onClose();
    } catch (error) {
      setRefusal((error as Error).message);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Prepare ${detail.name} differently`}>
      <Stack gap="sm">
        <p className="tiny">
          The files are read again, into a dataset of its own with the same classes and splits. {detail.name}{' '}
          stays as it is, and so do its runs. Now: {detail.preparation}.
        </p>
        <PreparationForm preparation={preparation} onChange={setPreparation} isOpen />
        <DatasetName label="Name of the new dataset" name={name} error={nameError} onChange={setName} />
        <Refusal why={refusal} />
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="filled" disabled={isSame || nameError !== null} onClick={start}>
            Read the files again
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
