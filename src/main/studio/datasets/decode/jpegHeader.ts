/**
 * Parses headers of plain JPEG files: baseline, 8 bits, grey or YCbCr in one scan, upright, without colour profile, as
 * most photographs in datasets are. All others, and damaged ones, are left to sharp.
 *
 * Format: ITU-T T.81 (https://www.w3.org/Graphics/JPEG/itu-t81.pdf), annex B; JFIF is T.871; EXIF is CIPA DC-008.
 */

export interface JpegHeader {
  width: number;
  height: number;
  /** One (grey) or three (Y, Cb, Cr). */
  components: readonly JpegComponent[];
  /** MCUs between restart markers; 0 where there are none. */
  interval: number;
  /** Where the scan begins. */
  scan: number;
}

export interface JpegComponent {
  /** Blocks of an MCU. */
  across: number;
  down: number;
  /** Where in the file lie its 64 quantisers and its Huffman tables, each the 16 counts, then the symbols. */
  quantisers: number;
  dc: number;
  ac: number;
}

const [SOF0, SOF1, DHT, SOI, SOS, DQT, DRI] = [0xc0, 0xc1, 0xc4, 0xd8, 0xda, 0xdb, 0xdd];
const [APP0, APP1, APP2, APP14, APP15, COM] = [0xe0, 0xe1, 0xe2, 0xee, 0xef, 0xfe];
const ORIENTATION_TAG = 0x0112;
const SHORT_TYPE = 3;

/** Undefined where the file is not plain, or the header is incomplete. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  return new HeaderReader(bytes).read();
}

const isFactor = (value: number) => value >= 1 && value <= 4;

interface FrameHeader {
  width: number;
  height: number;
  components: { id: number; across: number; down: number; table: number }[];
}

/** Where each table lies, by its number. */
type Tables = Map<number, number>;

class HeaderReader {
  readonly #view: DataView;
  readonly #quantisers: Tables = new Map();
  readonly #dc: Tables = new Map();
  readonly #ac: Tables = new Map();
  #frame: FrameHeader | undefined;
  #interval = 0;
  /** What tells that three components are Y, Cb and Cr. */
  #isJfif = false;
  #adobe: number | undefined;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  read(): JpegHeader | undefined {
    const view = this.#view;
    for (let at = 2; at + 4 <= view.byteLength; ) {
      if (view.getUint8(at) !== 0xff) return undefined;
      const marker = view.getUint8(at + 1);
      const end = at + 2 + view.getUint16(at + 2);
      if (end > view.byteLength) return undefined;
      if (marker === SOS) return this.#scan(at + 4, end);
      if (!this.#segment(marker, at + 4, end)) return undefined;
      at = end;
    }
    return undefined;
  }

  /** False where the segment's contents are not plain. */
  #segment(marker: number, at: number, end: number): boolean {
    if (marker === DQT) return this.#readQuantisers(at, end);
    if (marker === DHT) return this.#readHuffman(at, end);
    if (marker === SOF0 || marker === SOF1) return this.#readFrame(at, end);
    if (marker === DRI) {
      if (end - at !== 2) return false;
      this.#interval = this.#view.getUint16(at);
      return true;
    }
    if (marker === APP0) this.#isJfif ||= this.#startsWith('JFIF\0', at, end);
    if (marker === APP1 && this.#startsWith('Exif\0', at, end)) return this.#isUpright(at + 6, end);
    if (marker === APP2) return !this.#startsWith('ICC_PROFILE', at, end);
    if (marker === APP14 && this.#startsWith('Adobe', at, end) && end - at >= 12)
      this.#adobe = this.#view.getUint8(at + 11);
    return (marker >= APP0 && marker <= APP15) || marker === COM;
  }

  #startsWith(text: string, at: number, end: number): boolean {
    if (end - at < text.length) return false;
    for (let i = 0; i < text.length; i++)
      if (this.#view.getUint8(at + i) !== text.charCodeAt(i)) return false;
    return true;
  }

  #readQuantisers(at: number, end: number): boolean {
    for (; at < end; at += 65) {
      const number = this.#view.getUint8(at);
      // Those of 16 bits have a 1 before their number.
      if (number > 3 || at + 65 > end) return false;
      this.#quantisers.set(number, at + 1);
    }
    return true;
  }

  #readHuffman(at: number, end: number): boolean {
    while (at < end) {
      if (at + 17 > end) return false;
      const number = this.#view.getUint8(at);
      let symbols = 0;
      for (let length = 1; length <= 16; length++) symbols += this.#view.getUint8(at + length);
      if (number >> 4 > 1 || symbols > 256 || at + 17 + symbols > end) return false;
      const tables = number >> 4 === 0 ? this.#dc : this.#ac;
      tables.set(number & 15, at + 1);
      at += 17 + symbols;
    }
    return true;
  }

  #readFrame(at: number, end: number): boolean {
    const view = this.#view;
    if (this.#frame || end - at < 6) return false;
    const [bits, height, width] = [view.getUint8(at), view.getUint16(at + 1), view.getUint16(at + 3)];
    const count = view.getUint8(at + 5);
    if (bits !== 8 || height === 0 || width === 0 || end - at !== 6 + 3 * count) return false;
    const components = Array.from({ length: count }, (_, i) => {
      const from = at + 6 + 3 * i;
      const sampling = view.getUint8(from + 1);
      const table = view.getUint8(from + 2);
      return { id: view.getUint8(from), across: sampling >> 4, down: sampling & 15, table };
    });
    if (!components.every(({ across, down }) => isFactor(across) && isFactor(down))) return false;
    this.#frame = { width, height, components };
    return count === 1 || (count === 3 && this.#isYcc(components.map(({ id }) => id)));
  }

  /** As libjpeg decides; an Adobe segment comes before the frame wherever there is one. */
  #isYcc(ids: number[]): boolean {
    return this.#isJfif || (this.#adobe === undefined ? ids.join() === '1,2,3' : this.#adobe === 1);
  }

  #isUpright(tiff: number, end: number): boolean {
    const view = this.#view;
    if (tiff + 8 > end) return false;
    const order = view.getUint16(tiff);
    const little = order === 0x4949;
    if (!little && order !== 0x4d4d) return false;
    const first = tiff + view.getUint32(tiff + 4, little);
    if (first + 2 > end) return false;
    const count = view.getUint16(first, little);
    if (first + 2 + 12 * count > end) return false;
    for (let at = first + 2; at < first + 2 + 12 * count; at += 12) {
      if (view.getUint16(at, little) !== ORIENTATION_TAG) continue;
      if (view.getUint16(at + 2, little) !== SHORT_TYPE || view.getUint16(at + 8, little) !== 1) return false;
    }
    return true;
  }

  #scan(at: number, end: number): JpegHeader | undefined {
    const view = this.#view;
    const frame = this.#frame;
    const count = frame?.components.length ?? 0;
    if (!frame || end - at !== 4 + 2 * count || view.getUint8(at) !== count) return undefined;
    // All frequencies, all their bits.
    const [from, to, bits] = [0, 1, 2].map(i => view.getUint8(at + 1 + 2 * count + i));
    if (from !== 0 || to !== 63 || bits !== 0) return undefined;
    const components: JpegComponent[] = [];
    for (const [i, { id, across, down, table }] of frame.components.entries()) {
      const numbers = view.getUint8(at + 2 + 2 * i);
      const quantisers = this.#quantisers.get(table);
      const dc = this.#dc.get(numbers >> 4);
      const ac = this.#ac.get(numbers & 15);
      if (view.getUint8(at + 1 + 2 * i) !== id || !quantisers || !dc || !ac) return undefined;
      // The blocks of a component that is alone come one by one, whatever its factors: T.81, A.2.2.
      const factors = count === 1 ? { across: 1, down: 1 } : { across, down };
      components.push({ ...factors, quantisers, dc, ac });
    }
    return { width: frame.width, height: frame.height, components, interval: this.#interval, scan: end };
  }
}
