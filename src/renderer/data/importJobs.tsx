/** Imports under way: how far, how fast, how long still, and a way to stop. Failed ones say why. */
import { ActionIcon, Button, Progress } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { Job } from '../../bridge/datasetCalls.ts';
import { type Upload, useImports } from '../store/imports.ts';
import { useStudio } from '../store/studioState.ts';
import { count, duration } from '../ui/numberFormat.ts';
import { cancelJob, cancelUpload, dismissJob } from './importing.ts';

export function Jobs() {
  const jobs = useStudio(state => state.jobs);
  const { uploads, dismissed } = useImports();
  const shown = Object.values(jobs).filter(
    ({ id, state }) => state === 'running' || (state === 'failed' && !dismissed.has(id)),
  );
  return (
    <>
      {uploads.map(upload => (
        <UploadCard key={upload.key} upload={upload} />
      ))}
      {shown.map(job =>
        job.state === 'failed' ? <Failed key={job.id} job={job} /> : <Running key={job.id} job={job} />,
      )}
    </>
  );
}

function Running({ job }: { job: Job }) {
  return (
    <ProgressCard
      title={job.title}
      done={job.done}
      total={job.total}
      rate={job.rate}
      onCancel={() => cancelJob(job.id)}
    />
  );
}

function UploadCard({ upload }: { upload: Upload }) {
  const seconds = (Date.now() - upload.startedAt) / 1000;
  return (
    <ProgressCard
      title={`Sending ${upload.name}`}
      done={upload.done}
      total={upload.total}
      rate={seconds > 0.5 ? upload.done / seconds : 0}
      onCancel={() => cancelUpload(upload.key)}
    />
  );
}

interface ProgressCardProps {
  title: string;
  done: number;
  /** Null while it is still being counted. */
  total: number | null;
  rate: number;
  onCancel: () => void;
}

function ProgressCard({ title, done, total, rate, onCancel }: ProgressCardProps) {
  const share = total === null || total === 0 ? 0 : done / total;
  const facts = [total === null ? `${count(done)} found` : `${count(done)} of ${count(total)}`];
  if (rate > 0) facts.push(`${count(rate)} a second`);
  if (rate > 0 && total !== null) facts.push(`${duration((total - done) / rate)} left`);
  return (
    <div className="data-job">
      <div className="data-job-head">
        <b className="truncate">{title}</b>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
      <Progress value={100 * share} animated={total === null} aria-label={title} transitionDuration={120} />
      <span className="tiny">{facts.join(' · ')}</span>
    </div>
  );
}

function Failed({ job }: { job: Job }) {
  return (
    <div className="data-job" data-failed role="alert">
      <div className="data-job-head">
        <b className="truncate">{job.title}</b>
        <ActionIcon aria-label="Put away" onClick={() => dismissJob(job.id)}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      <span>{job.error}</span>
    </div>
  );
}
