/** Asks how the images are to be divided into training, validation and test, and divides them. */
import { Button, Group, Modal, Radio, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { DatasetDetail, SplitRule } from '../../bridge/datasetCalls.ts';
import { FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { splitDataset } from './datasetEdits.ts';

const WAYS: readonly { by: SplitRule['by']; label: string; description: string }[] = [
  {
    by: 'source',
    label: 'As the source says',
    description: 'What its folders or columns leave open falls by chance.',
  },
  { by: 'ratio', label: 'By chance alone', description: 'Whatever the source says.' },
  { by: 'list', label: 'By lists of files', description: 'Paths or names, one a line; all others train.' },
];

interface SplitDialogProps {
  detail: DatasetDetail;
  onClose: () => void;
}

export function SplitDialog({ detail, onClose }: SplitDialogProps) {
  const { splitRule } = detail;
  const [by, setBy] = useState(splitRule.by);
  const isList = splitRule.by === 'list';
  const [shares, setShares] = useState(
    isList ? { val: 0.1, test: 0.1, seed: 1 } : { ...splitRule, by: undefined },
  );
  const [lists, setLists] = useState(
    isList ? { val: splitRule.val.join('\n'), test: splitRule.test.join('\n') } : { val: '', test: '' },
  );
  const sum = shares.val + shares.test;
  const linesOf = (text: string) =>
    text
      .split('\n')
      .map(line => line.trim())
      .filter(line => line !== '');
  const rule: SplitRule =
    by === 'list'
      ? { by, val: linesOf(lists.val), test: linesOf(lists.test) }
      : { by, val: shares.val, test: shares.test, seed: shares.seed };
  const apply = async () => {
    await splitDataset(detail.id, rule);
    onClose();
  };
  const share = (name: 'val' | 'test' | 'seed', label: string) => (
    <FieldRow id={`split-${name}`} label={label}>
      <NumberInput
        id={`split-${name}`}
        value={shares[name]}
        invalid={typeof shares[name] !== 'number'}
        onChange={value => setShares({ ...shares, [name]: value as number })}
      />
    </FieldRow>
  );
  const isWrong =
    by !== 'list' && !(sum < 0.95 && shares.val >= 0 && shares.test >= 0 && Number.isInteger(shares.seed));
  return (
    <Modal opened onClose={onClose} title={`Divide ${detail.name}`}>
      <Stack gap="sm">
        <Radio.Group value={by} onChange={value => setBy(value as SplitRule['by'])} aria-label="How">
          <Stack gap="xs">
            {WAYS.map(({ by: way, ...words }) => (
              <Radio key={way} value={way} {...words} />
            ))}
          </Stack>
        </Radio.Group>
        {by === 'list' ? (
          (['val', 'test'] as const).map(name => (
            <Textarea
              key={name}
              label={name === 'val' ? 'Validation' : 'Test'}
              autosize
              minRows={3}
              maxRows={8}
              value={lists[name]}
              onChange={event => setLists({ ...lists, [name]: event.currentTarget.value })}
            />
          ))
        ) : (
          <>
            {share('val', 'Validation share')}
            {share('test', 'Test share')}
            {share('seed', 'Seed')}
          </>
        )}
        <p className="dim">
          Copies of an image go where it goes. This makes a new version; runs keep the one that they were
          trained on.
        </p>
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="filled" disabled={isWrong} onClick={apply}>
            Divide
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
