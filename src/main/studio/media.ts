/** Images by URL, and uploaded files: data too large for the bridge. */
import type { Id } from '../../bridge/ids.ts';
import { explained } from '../errorSentences.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasetService.ts';
import type { FilePart, MediaResponse } from './hostProtocol.ts';

const IMAGE = /^\/media\/datasets\/([0-9a-f]{16})\/(images|masks)\/(\d{1,9})\.png$/;
const UPLOAD = /^\/upload\/([0-9a-f]{16})\/(.+)$/s;

/** An upload in progress: where the next part goes, and when the file is stored. */
interface Incoming {
  writer: WritableStreamDefaultWriter<Uint8Array>;
  kept: Promise<void>;
}

export class Media {
  readonly #datasets: Datasets;
  readonly #folder: string;
  readonly #incoming = new Map<number, Incoming>();

  /** @param folder of the workspace */
  constructor(datasets: Datasets, folder: string) {
    this.#datasets = datasets;
    this.#folder = folder;
  }

  answer(path: string): Promise<MediaResponse> {
    return this.#refusing(async () => {
      const image = IMAGE.exec(path);
      if (!image) return nothingHere();
      const [, id, what, index] = image as unknown as [string, Id, 'images' | 'masks', string];
      const png = await (what === 'masks'
        ? this.#datasets.mask(id, Number(index))
        : this.#datasets.image(id, Number(index)));
      // The image at a position never changes, so that it can be cached.
      const headers = {
        'content-type': 'image/png',
        'cache-control': 'private, max-age=31536000, immutable',
      };
      return { status: 200, headers, body: png };
    });
  }

  /** Parts of a file are sent one at a time, each after the previous one was accepted. */
  async takeFile({ file, path, bytes, follows }: FilePart): Promise<MediaResponse | null> {
    const upload = UPLOAD.exec(path);
    if (!upload) return nothingHere();
    const { writer, kept } = this.#incoming.get(file) ?? this.#begin(file, upload[1] as Id, upload[2]!);
    if (follows === 'brokenOff') {
      await writer.abort(new Error('The file broke off.'));
      await kept.catch(() => {});
      return null;
    }
    return this.#refusing(async () => {
      // If a part is refused, the file's result has the reason.
      await writer.write(bytes).catch(() => kept);
      if (follows === 'more') return null;
      await writer.close().catch(() => kept);
      await kept;
      return { status: 204, headers: {}, body: new Uint8Array() };
    });
  }

  async #refusing<T>(answer: () => Promise<T>): Promise<T | MediaResponse> {
    try {
      return await answer();
    } catch (error) {
      const said = explained(error, this.#folder);
      if (said instanceof UserError) return text(400, said.message);
      throw said;
    }
  }

  #begin(file: number, id: Id, relativePath: string): Incoming {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const kept = this.#datasets
      .putUpload(id, relativePath, readable)
      .finally(() => this.#incoming.delete(file));
    // Unblocks a part that waits for a refused file.
    kept.catch(error => readable.cancel(error).catch(() => {}));
    const incoming = { writer: writable.getWriter(), kept };
    this.#incoming.set(file, incoming);
    return incoming;
  }
}

function nothingHere(): MediaResponse {
  return text(404, 'There is nothing here.');
}

function text(status: number, message: string): MediaResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: new TextEncoder().encode(message),
  };
}
