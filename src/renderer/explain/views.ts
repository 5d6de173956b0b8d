/** The views of Explain, in the order of the notes. One view, one file and one line here. */
import type { ReactNode } from 'react';
import { FeatureMapsView } from './views/featureMaps.tsx';
import { Im2colView } from './views/im2col.tsx';
import { KernelBenchView } from './views/kernelBench.tsx';
import { SweepView } from './views/sweep.tsx';

export interface ExplainView {
  readonly id: string;
  readonly title: string;
  /** One sentence: what it shows. */
  readonly summary: string;
  /** Whether it looks into the project's network, and so wants weights, an image. */
  readonly wants: readonly ('weights' | 'image')[];
  readonly View: () => ReactNode;
}

export const views: readonly ExplainView[] = [
  {
    id: 'sweep',
    title: 'Sweep',
    summary: 'A kernel moves over numbers: what it reads at each step, the products, and their sum.',
    wants: [],
    View: SweepView,
  },
  {
    id: 'bench',
    title: 'Kernel bench',
    summary: 'Kernels known from image processing, or your own, on any image, one after the other.',
    wants: ['image'],
    View: KernelBenchView,
  },
  {
    id: 'im2col',
    title: 'im2col',
    summary: 'A convolution as one matrix product, what that costs in memory, and what is done instead.',
    wants: [],
    View: Im2colView,
  },
  {
    id: 'maps',
    title: 'Feature maps',
    summary: 'What a layer makes of the image, channel by channel, and the filters that make it.',
    wants: ['weights', 'image'],
    View: FeatureMapsView,
  },
];
