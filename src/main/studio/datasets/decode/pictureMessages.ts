/** Messages between a caller and the process that decodes images. */

import type { MaskValues } from './maskCode.ts';
import type { Measures } from './measureImage.ts';
import type { Decoded, DecodedImage, DecodeJob, DecodeSpec, ImageHeader } from './plainPicture.ts';

export type PictureRequest =
  | { header: string }
  | { job: DecodeJob; spec: DecodeSpec }
  | { bytes: Uint8Array; spec: DecodeSpec }
  | { scan: string };

/** An image that was measured where it was decoded. */
export type MeasuredImage = DecodedImage & { measures: Measures };

export interface PictureResult {
  header?: ImageHeader | null;
  values?: MaskValues | null;
  decoded?: MeasuredImage | Exclude<Decoded, DecodedImage> | { pixels: Uint8Array };
}

/** A process's message about its current image. */
export type PictureMessage =
  /** Requests memory; once granted, it may use so many seconds of CPU time. */
  | { needs: number; seconds: number }
  | { result: PictureResult; milliseconds: number; retires: boolean }
  /** The reason why it is about to end. */
  | { ends: string };
