/** In the status bar: how many runs there are, and how long those that wait will take. */
import type { StatusItem } from '../actions/contribution.ts';
import { count, duration } from '../ui/numberFormat.ts';
import { StatusFigure } from '../ui/statusFigure.tsx';
import { useQueue } from './queueState.ts';

export const statusItems: readonly StatusItem[] = [{ name: 'queue', Component: QueueFigures }];

function QueueFigures() {
  const { count: runs, active, waiting, left } = useQueue();
  const queued = waiting.length + (active ? 1 : 0);
  return (
    <>
      <StatusFigure label="Runs" value={count(runs)} />
      {queued > 0 && <StatusFigure label="Queue" value={count(queued)} />}
      {left !== null && <StatusFigure label="Time left" value={duration(left)} />}
    </>
  );
}
