/**
 * Opens a file of weights: safetensors, or torch.save in its two formats. What it is shows in its first bytes; its
 * name is not asked. What it is not is said by what it seems to be instead.
 */
import { type ByteSource, listSafetensors, SafetensorsError } from './safetensors.ts';
import { readTorchArchive, readTorchPickles } from './torchFile.ts';
import { WeightsError } from './weightsError.ts';
import type { WeightsFile } from './weightsFile.ts';

/** Of the header: a hundred thousand tensors have less. */
const MOST_HEADER_BYTES = 32 * 2 ** 20;

/** As many bytes as telling files apart takes: a tar archive has its name behind 257. */
const HEAD_BYTES = 512;

/** @throws WeightsError saying what the file is instead, or what is wrong in it */
export function openWeights(file: ByteSource): WeightsFile {
  if (file.length === 0) throw new WeightsError('The file is empty. Fetch it again.');
  const head = Uint8Array.from(file.read(0, Math.min(HEAD_BYTES, file.length)));
  const text = String.fromCharCode(...head);
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return readTorchArchive(file);
  if (isPickle(head, text)) return readTorchPickles(file);
  if (isSafetensors(head)) return safetensorsFile(file);
  const [, what] = FOREIGN.find(([pattern]) => pattern.test(text)) ?? [];
  throw new WeightsError(
    what ?? 'The file is neither safetensors nor a file of torch.save (.pth, .pt); those are read.',
  );
}

/** By protocol, or the first words of one that calls something. */
function isPickle(head: Uint8Array, text: string): boolean {
  return (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) || /^\(?c[\w.]+\n[\w.]+\n/.test(text);
}

/** The length of a header, which begins with a brace. */
function isSafetensors(head: Uint8Array): boolean {
  return head.length > 8 && head[8] === 0x7b && head[6] === 0 && head[7] === 0;
}

/** What files are that are taken for weights, by their first bytes. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [
    /^(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml|head|!--)/i,
    'The file is a web page, not weights: the download was answered with a page instead. Open the address in a browser and save the file itself.',
  ],
  [
    /^version https:\/\/git-lfs/,
    'The file only says where Git LFS keeps the weights: fetch them with “git lfs pull”.',
  ],
  [/^\W\x8b/, 'The file is packed with gzip: unpack it first.'],
  [
    /^.{257}ustar/s,
    'The file is a tar archive, as PyTorch wrote before 0.1.10: unpack it, or load it in PyTorch and save its state_dict with torch.save.',
  ],
  [/^\x89HDF/, 'The file is HDF5, as Keras writes it (.h5); safetensors and files of torch.save are read.'],
  [/^\x93NUMPY/, 'The file is an array of NumPy (.npy); safetensors and files of torch.save are read.'],
  [/^GGUF/, 'The file is GGUF, made for language models; safetensors and files of torch.save are read.'],
  [
    /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF)/,
    'The file is a picture, not weights; safetensors and files of torch.save are read.',
  ],
  [/^\s*[[{]/, 'The file is text (JSON), not weights; safetensors and files of torch.save are read.'],
];

function safetensorsFile(file: ByteSource): WeightsFile {
  try {
    return { format: 'safetensors', ...listSafetensors(file, MOST_HEADER_BYTES), within: [], beside: [] };
  } catch (error) {
    if (error instanceof SafetensorsError) throw new WeightsError(`${error.message} Fetch it again.`);
    throw error;
  }
}
