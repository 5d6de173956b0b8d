/** Step and play: a position among many, moved by buttons, arrow keys, a slider, or by itself. */
import { ActionIcon, Button, Slider } from '@mantine/core';
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';

/** Milliseconds that a position stands while it plays. */
const STEP_MS = 700;

interface StepperProps {
  /** What is stepped over: `Position of the kernel`. */
  label: string;
  count: number;
  at: number;
  onStep: (at: number) => void;
}

export function Stepper({ label, count, at, onStep }: StepperProps) {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => onStep((at + 1) % count), STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, at, count, onStep]);
  const go = (next: number) => {
    setPlaying(false);
    onStep((next + count) % count);
  };
  return (
    <fieldset className="stepper" aria-label={label}>
      <ActionIcon aria-label="Step back" onClick={() => go(at - 1)}>
        <IconPlayerSkipBack size={15} />
      </ActionIcon>
      <Button
        leftSection={playing ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
        onClick={() => setPlaying(!playing)}
      >
        {playing ? 'Pause' : 'Play'}
      </Button>
      <ActionIcon aria-label="Step" onClick={() => go(at + 1)}>
        <IconPlayerSkipForward size={15} />
      </ActionIcon>
      <Slider
        className="stepper-slider"
        min={0}
        max={Math.max(0, count - 1)}
        value={at}
        onChange={go}
        label={null}
        thumbLabel={label}
      />
      <span className="dim">
        {at + 1} of {count}
      </span>
    </fieldset>
  );
}
