/** Runs for other programs and other people: the table as CSV or Parquet, a report as one HTML file. */
import { Button, Group, Modal, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { csvOf, runTable } from '../../experiments/runTable.ts';
import { studio } from '../store/connection.ts';
import { host } from '../store/currentHost.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt, showMessage } from '../ui/toast.tsx';
import { closeRunDialog, useRunDialog } from './openRunDialog.ts';
import { type ReportedRun, reportOf } from './runsReport.ts';

/** A report of more runs is read by nobody. */
const MOST_REPORTED = 50;

interface ExportDialogProps {
  shown: readonly RunSummary[];
  compared: readonly RunSummary[];
}

const kinds = {
  report: 'A report in HTML, with curves and confusion, that opens from disk alone',
  csv: 'A table in CSV',
  parquet: 'A table in Parquet',
} as const;

type Kind = keyof typeof kinds;

export function ExportDialog({ shown, compared }: ExportDialogProps) {
  const opened = useRunDialog(state => state.open === 'export');
  return (
    <Modal opened={opened} onClose={closeRunDialog} title="Export runs">
      <ExportForm shown={shown} compared={compared} />
    </Modal>
  );
}

function ExportForm({ shown, compared }: ExportDialogProps) {
  const [kind, setKind] = useState<Kind>('report');
  const [which, setWhich] = useState<'selected' | 'shown'>(compared.length > 0 ? 'selected' : 'shown');
  const runs = which === 'selected' ? compared : shown;
  const tooMany = kind === 'report' && runs.length > MOST_REPORTED;
  const start = async () => {
    closeRunDialog();
    const path = await attempt(() => writers[kind](runs), 'The runs were not exported');
    if (path !== undefined) showMessage(`Saved as ${path}.`);
  };
  return (
    <Stack gap="sm">
      <Radio.Group label="As" value={kind} onChange={value => setKind(value as Kind)}>
        <Stack gap={6} mt={6}>
          {Object.entries(kinds).map(([value, label]) => (
            <Radio key={value} size="xs" value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>
      <Radio.Group label="Which" value={which} onChange={value => setWhich(value as typeof which)}>
        <Stack gap={6} mt={6}>
          <Radio
            size="xs"
            value="selected"
            disabled={compared.length === 0}
            label={`The selected: ${plural(compared.length, 'run')}`}
          />
          <Radio
            size="xs"
            value="shown"
            label={`All that the filter lets through: ${plural(shown.length, 'run')}`}
          />
        </Stack>
      </Radio.Group>
      {tooMany && <p className="bad">A report holds at most {MOST_REPORTED} runs.</p>}
      <Group justify="flex-end">
        <Button variant="filled" disabled={tooMany || runs.length === 0} onClick={start}>
          Export
        </Button>
      </Group>
    </Stack>
  );
}

const writers: Readonly<Record<Kind, (runs: readonly RunSummary[]) => Promise<string | undefined>>> = {
  csv: async runs => host().saveFile('runs.csv', csvOf(runTable(runs))),
  parquet: async runs => {
    const { parquetOf } = await import('./parquet.ts');
    return host().saveFile('runs.parquet', parquetOf(runTable(runs)));
  },
  report: async runs => {
    const reported = await Promise.all(runs.map(reportedRun));
    const title = runs.length === 1 ? runs[0]!.name : 'Runs compared';
    return host().saveFile('report.html', reportOf(title, reported, new Date()));
  },
};

async function reportedRun({ id }: RunSummary): Promise<ReportedRun> {
  const [detail, metrics, evaluation] = await Promise.all([
    studio().run(id),
    studio().runMetrics(id, { step: 0, epoch: 0 }),
    studio().runEvaluation(id, 'test'),
  ]);
  return { detail, metrics, evaluation };
}
