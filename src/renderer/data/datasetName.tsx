/** The name that a new dataset is to have, and why it cannot have it. */
import { TextInput } from '@mantine/core';
import { useStudio } from '../store/studioState.ts';

/** @param isTyped whether a person wrote it: what is proposed may still be empty */
export function useNameError(name: string, isTyped: boolean): string | null {
  const wanted = name.trim();
  const isTaken = useStudio(state => Object.values(state.datasets).some(each => each.name === wanted));
  if (wanted === '') return isTyped ? 'A name is wanted.' : null;
  return isTaken ? 'Another dataset has this name.' : null;
}

interface DatasetNameProps {
  label: string;
  name: string;
  error: string | null;
  onChange: (name: string) => void;
}

export function DatasetName({ label, name, error, onChange }: DatasetNameProps) {
  return (
    <TextInput
      label={label}
      value={name}
      maxLength={200}
      error={error}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}
