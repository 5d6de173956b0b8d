/** What is said between those who want a picture decoded and the process that decodes it. */

import type { MaskValues } from './maskCode.ts';
import type { Measures } from './measureImage.ts';
import type { Decoded, DecodedImage, DecodeJob, DecodeSpec, ImageHeader } from './plainPicture.ts';

export type PictureRequest =
  | { header: string }
  | { job: DecodeJob; spec: DecodeSpec }
  | { bytes: Uint8Array; spec: DecodeSpec }
  | { scan: string };

/** A picture that was measured where it was decoded. */
export type MeasuredImage = DecodedImage & { measures: Measures };

export interface PictureResult {
  header?: ImageHeader | null;
  values?: MaskValues | null;
  decoded?: MeasuredImage | Exclude<Decoded, DecodedImage> | { pixels: Uint8Array };
}

/** What a process says of the picture that it has. */
export type PictureMessage =
  /** Waits to be granted so many bytes; then it may take so many seconds of the processor. */
  | { needs: number; seconds: number }
  | { result: PictureResult; milliseconds: number; retires: boolean }
  /** Why it will be gone in a moment. */
  | { ends: string };
