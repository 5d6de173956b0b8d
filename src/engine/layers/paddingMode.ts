/** The modes of padding, as PyTorch names them. */
import type { paddingCodes } from './kernelConstants.ts';

export type PaddingMode = keyof typeof paddingCodes;

export const paddingModes = ['zeros', 'reflect', 'replicate', 'circular'] as const satisfies PaddingMode[];
