/** What pixels around an image are made of, in the order of the numbers that the kernel knows them by. */
export const paddingModes = ['zeros', 'reflect', 'replicate', 'circular'] as const;

export type PaddingMode = (typeof paddingModes)[number];
