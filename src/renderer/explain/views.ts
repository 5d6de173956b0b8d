/** The views of Explain, in the order of the notes. One view, one file and one line here. */
import type { ReactNode } from 'react';
import { WhyView } from './views/attribution.tsx';
import { ConvolutionalView } from './views/convolutional.tsx';
import { DownsamplingView } from './views/downsampling.tsx';
import { FeatureMapsView } from './views/featureMaps.tsx';
import { Im2colView } from './views/im2col.tsx';
import { KernelBenchView } from './views/kernelBench.tsx';
import { ReceptiveFieldView } from './views/receptiveFieldView.tsx';
import { RegularisationView } from './views/regularisation.tsx';
import { SweepView } from './views/slidingWindow.tsx';
import { TryItView } from './views/tryIt.tsx';

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
  {
    id: 'smaller',
    title: 'Down-sampling',
    summary: 'Pooling and strides side by side, what they lose, and what they make of a shift.',
    wants: ['image'],
    View: DownsamplingView,
  },
  {
    id: 'field',
    title: 'Receptive field',
    summary: 'The part of the image that one place of a layer sees.',
    wants: ['weights', 'image'],
    View: ReceptiveFieldView,
  },
  {
    id: 'why',
    title: 'Why',
    summary: 'Which part of the image the answer hangs on, and noise that changes it.',
    wants: ['weights', 'image'],
    View: WhyView,
  },
  {
    id: 'convolutional',
    title: 'Fully convolutional',
    summary: 'The classifier slid over a larger image in one pass: a map of answers.',
    wants: ['weights', 'image'],
    View: ConvolutionalView,
  },
  {
    id: 'regularisation',
    title: 'Regularisation',
    summary: 'The same network trained on few images, with one regularisation after the other.',
    wants: [],
    View: RegularisationView,
  },
  {
    id: 'try',
    title: 'Try it',
    summary: 'The network asked about images of your own: files, a folder, what you paste, and the camera.',
    wants: ['weights'],
    View: TryItView,
  },
];
