/** How a run stands, as a word with a colour. */
import type { RunState as State } from '../../bridge/runCalls.ts';

const tones: Readonly<Record<State, 'accent' | 'ok' | 'warn' | 'error' | 'plain'>> = {
  queued: 'plain',
  running: 'accent',
  paused: 'warn',
  finished: 'ok',
  stopped: 'plain',
  failed: 'error',
  crashed: 'error',
};

export function RunState({ state }: { state: State }) {
  return (
    <span className="state" data-tone={tones[state]}>
      {state}
    </span>
  );
}
