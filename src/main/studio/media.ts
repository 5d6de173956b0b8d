/** Images by address, and files coming in: what does not travel over the bridge because it is big. */
import { explained } from '../explained.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasets.ts';
import type { MediaRequest, MediaResponse } from './process.ts';

const IMAGE = /^\/media\/datasets\/([0-9a-f]+)\/(images|masks)\/(\d{1,9})\.png$/;
const UPLOAD = /^\/upload\/([0-9a-f]+)\/(.+)$/s;

/** @param folder of the workspace */
export async function respond(
  datasets: Datasets,
  { method, path, body }: MediaRequest,
  folder: string,
): Promise<MediaResponse> {
  try {
    const image = method === 'GET' && IMAGE.exec(path);
    if (image) {
      const [, id, what, index] = image as unknown as [string, string, 'images' | 'masks', string];
      const png = await (what === 'masks'
        ? datasets.mask(id, Number(index))
        : datasets.image(id, Number(index)));
      // An image never changes at its place: what changed in the folder gets another.
      const headers = {
        'content-type': 'image/png',
        'cache-control': 'private, max-age=31536000, immutable',
      };
      return { status: 200, headers, body: png };
    }
    const upload = method === 'PUT' && UPLOAD.exec(path);
    if (upload) {
      await datasets.putUpload(upload[1]!, upload[2]!, body ?? new Uint8Array());
      return { status: 204, headers: {}, body: new Uint8Array() };
    }
    return text(404, 'There is nothing here.');
  } catch (error) {
    const said = explained(error, folder);
    if (said instanceof UserError) return text(400, said.message);
    throw said;
  }
}

function text(status: number, message: string): MediaResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: new TextEncoder().encode(message),
  };
}
