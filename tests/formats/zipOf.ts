/** Writes ZIP archives for tests: entries stored as they are, and such as say that they are compressed. */

interface Packed {
  readonly packed: Uint8Array;
  /** What it says to be when it is unpacked. */
  readonly size: number;
}

export function zipOf(
  stored: Readonly<Record<string, Uint8Array>>,
  compressed: Readonly<Record<string, Packed>> = {},
): Uint8Array {
  const entries = [
    ...Object.entries(stored).map(([name, bytes]) => ({ name, bytes, size: bytes.length, method: 0 })),
    ...Object.entries(compressed).map(([name, { packed, size }]) => ({
      name,
      bytes: packed,
      size,
      method: 8,
    })),
  ];
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, size, method } of entries) {
    const title = new TextEncoder().encode(name);
    const local = new DataView(new ArrayBuffer(30));
    local.setUint32(0, 0x04034b50, true);
    const central = new DataView(new ArrayBuffer(46));
    central.setUint32(0, 0x02014b50, true);
    for (const [view, from] of [
      [local, 8],
      [central, 10],
    ] as const) {
      view.setUint16(from, method, true);
      view.setUint32(from + 10, bytes.length, true);
      view.setUint32(from + 14, size, true);
      view.setUint16(from + 18, title.length, true);
    }
    central.setUint32(42, at, true);
    parts.push(new Uint8Array(local.buffer), title, bytes);
    directory.push(new Uint8Array(central.buffer), title);
    at += 30 + title.length + bytes.length;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(12, directoryBytes, true);
  end.setUint32(16, at, true);
  return Buffer.concat([...parts, ...directory, new Uint8Array(end.buffer)]);
}
