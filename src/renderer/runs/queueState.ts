/** What trains, what waits, and how long all of it will take. */
import { useMemo } from 'react';
import { byRecency, isActive, useStudio } from '../store/studioState.ts';
import { secondsLeft } from './queueTime.ts';

export function useQueue() {
  const runs = useStudio(state => state.runs);
  return useMemo(() => {
    const all = Object.values(runs);
    const active = all.find(isActive);
    const waiting = all
      .filter(({ state }) => state === 'queued')
      .sort((a, b) => (a.queuePlace ?? 0) - (b.queuePlace ?? 0));
    const queue = active ? [active, ...waiting] : waiting;
    const left = queue.length === 0 ? null : secondsLeft(queue, byRecency(runs));
    return { count: all.length, active, waiting, left: left !== null && left > 0 ? left : null };
  }, [runs]);
}
