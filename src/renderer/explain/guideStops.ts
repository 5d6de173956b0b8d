/** The guided path: what the notes teach, in their order, each on a view that shows it. */
import type { NodeId } from '../../engine/graph/document.ts';

export interface Stop {
  readonly title: string;
  /** What to do and to see here, in a sentence or two. */
  readonly text: string;
  readonly view: string;
  /** Which part of the view is open, and with which numbers. */
  readonly part?: string;
  readonly preset?: string;
  /** A layer of the sample. */
  readonly node?: NodeId;
}

export const stops: readonly Stop[] = [
  {
    title: 'Convolution in one direction',
    text: 'The chance of a sum of two dice: one die is flipped and moved along the other. Step through the sums, then load a die.',
    view: 'sweep',
    part: 'dice',
  },
  {
    title: 'A kernel over an image',
    text: 'The same in two directions, without the flip. Nine products and their sum make one number; click any of them.',
    view: 'sweep',
    part: 'plane',
    preset: 'A cross on a 7×7 image',
  },
  {
    title: 'Stride and padding',
    text: 'A stride of 3 leaves pixels unread. Pad at the end, and watch the size of the output follow.',
    view: 'sweep',
    part: 'plane',
    preset: 'Stride 3 does not fit 7',
  },
  {
    title: 'Several channels, several filters',
    text: 'Each filter has a kernel for every channel; their sums and a bias are added. Two filters give two channels.',
    view: 'sweep',
    part: 'plane',
    preset: '5×5×3 · K 2 · F 3 · S 2 · P 1',
  },
  {
    title: 'In your own network',
    text: 'The same on conv1 of the sample, with its weights and an image. Pick a place of an output.',
    view: 'sweep',
    part: 'layer',
    node: 'conv1',
  },
  {
    title: 'Backwards: transposed',
    text: 'Each number is spread by the kernel. A stride makes the image larger now.',
    view: 'sweep',
    part: 'transposed',
  },
  {
    title: 'What a kernel looks for',
    text: 'A top edge answers where dark is above bright. Change its numbers, add a step, cut off with ReLU.',
    view: 'bench',
  },
  {
    title: 'As a matrix product',
    text: 'Windows become columns, filters rows: 96×363 times 363×3025. Mind the memory.',
    view: 'im2col',
  },
  {
    title: 'Feature maps and dead space',
    text: 'What relu1 leaves of the image: much of it is zero. Compare with random weights after training.',
    view: 'maps',
    node: 'relu1',
  },
  {
    title: 'Down-sampling',
    text: 'Max, average, or a stride. Make the stride larger than the window; then shift the image and pool again and again.',
    view: 'smaller',
  },
  {
    title: 'Receptive field',
    text: 'A place of pool2 sees a square of the image. Walk over it; compare with conv1.',
    view: 'field',
    node: 'pool2',
  },
  {
    title: 'From fully connected to convolutional',
    text: 'The Linear layers become convolutions, and the network slides over a larger image in one pass.',
    view: 'convolutional',
  },
  {
    title: 'Regularisation',
    text: 'Train the plain network and two others. Where do training and validation part?',
    view: 'regularisation',
  },
  {
    title: 'Why, and how to fool it',
    text: 'Where does the answer come from? And how little noise changes it?',
    view: 'why',
    node: 'conv2',
  },
  { title: 'Try it', text: 'Ask about an image of your own.', view: 'try' },
];
