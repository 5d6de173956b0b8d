/**
 * The stages that EfficientNet-B0 and its Lite form share, found by search. Tan, Le: "EfficientNet: rethinking model
 * scaling for convolutional neural networks", 2019, table 1.
 */

/** How many times wider inside, kernel, stride of the first block, channels at the end, blocks. */
export const EFFICIENTNET_STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;
export const STEM_CHANNELS = 32;
export const LAST_CHANNELS = 1280;
