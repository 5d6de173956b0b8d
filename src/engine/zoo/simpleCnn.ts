/**
 * The notes' `simple_cnn`: stride-2 convolutions halve the image and double the filters until one pixel is
 * left, which Flatten turns into the class scores.
 */
import { type ChainLink, chain, type ZooModel } from './zoo.ts';

const STRIDED = { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] } as const;

export const simpleCnn: ZooModel = {
  name: 'simple_cnn',
  title: 'simple_cnn',
  summary: 'Stride-2 convolutions down to one pixel: no pooling, no linear layer.',
  input: [1, 28, 28],
  classes: 10,
  build(input, classes) {
    const links: ChainLink[] = [['Input', 'input', { shape: input }]];
    let extent = Math.max(input[1], input[2]);
    for (let i = 1, filters = 4; extent > 2; i++, filters *= 2) {
      links.push(['Conv2d', `conv${i}`, { ...STRIDED, outChannels: filters }], ['ReLU', `relu${i}`]);
      extent = Math.ceil(extent / 2);
    }
    links.push(['Conv2d', 'head', { ...STRIDED, outChannels: classes }], ['Flatten', 'flatten']);
    return chain(links);
  },
};
