/** A hue for each channel, so that it is found again beside its kernel and in the sum. */
const CHANNEL_HUES = [
  'var(--f-conv)',
  'var(--f-norm)',
  'var(--f-act)',
  'var(--f-pool)',
  'var(--f-linear)',
  'var(--f-reg)',
];

export const channelHue = (channel: number): string => CHANNEL_HUES[channel % CHANNEL_HUES.length]!;
