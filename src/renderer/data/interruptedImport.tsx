/** An import that was interrupted: it can go on, or be thrown away. */
import { Button } from '@mantine/core';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt } from '../ui/toast.tsx';
import { renewDataset } from './importing.ts';

export function Partial({ dataset }: { dataset: DatasetSummary }) {
  const discard = () =>
    attempt(() => studio().deleteDataset(dataset.id), 'The unfinished import was not thrown away');
  return (
    <section className="data-job" aria-label={`Unfinished import ${dataset.name}`}>
      <b className="truncate">{dataset.name}</b>
      <span className="tiny">Interrupted after {plural(dataset.count, 'image')}.</span>
      <div className="data-job-head">
        <Button onClick={discard}>Throw away</Button>
        <Button variant="filled" onClick={() => renewDataset(dataset.id)}>
          Go on
        </Button>
      </div>
    </section>
  );
}
