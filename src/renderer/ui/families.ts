/** The hue and the title of each family of layers: one everywhere, on nodes, in the palette, in charts. */
import type { Family } from '../../engine/layers/layer.ts';

export const families: readonly { readonly family: Family; readonly title: string; readonly hue: string }[] =
  [
    { family: 'io', title: 'Input', hue: 'var(--f-io)' },
    { family: 'convolution', title: 'Convolution', hue: 'var(--f-conv)' },
    { family: 'normalisation', title: 'Normalisation', hue: 'var(--f-norm)' },
    { family: 'activation', title: 'Activation', hue: 'var(--f-act)' },
    { family: 'pooling', title: 'Pooling', hue: 'var(--f-pool)' },
    { family: 'linear', title: 'Linear', hue: 'var(--f-linear)' },
    { family: 'merge', title: 'Merge', hue: 'var(--f-merge)' },
    { family: 'regularisation', title: 'Regularise', hue: 'var(--f-reg)' },
  ];

/** Blocks are of no family: what stands in them may be of all. */
export const BLOCK_HUE = 'var(--accent)';

const hues = new Map(families.map(({ family, hue }) => [family, hue]));

export function hueOf(family: Family | undefined): string {
  return (family && hues.get(family)) ?? 'var(--line-strong)';
}

/** Hues for things that have none of their own, told apart at a glance: runs. */
export const RUN_HUES: readonly string[] = [
  'var(--f-conv)',
  'var(--f-pool)',
  'var(--f-merge)',
  'var(--f-norm)',
  'var(--f-act)',
  'var(--f-linear)',
  'var(--f-reg)',
  'var(--f-io)',
];
