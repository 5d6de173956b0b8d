/** Every kind of bad file that folders hold: nothing stops, each is named once with its true reason, the rest is right. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { openWorkshop, picture, put, putClasses } from './workshop.ts';

/** What sharp makes of a file by itself, in the words of its documentation. */
const asSharpReads = (file: string, side: number) =>
  sharp(file)
    .autoOrient()
    .flatten({ background: '#fff' })
    .resize(side, side, { fit: 'contain', background: '#000' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();

/** The eight ways in which EXIF knows to store an upright image. */
const STORED: readonly ((image: Sharp) => Sharp)[] = [
  image => image,
  image => image.flop(),
  image => image.rotate(180),
  image => image.flip(),
  image => image.flop().rotate(270),
  image => image.rotate(270),
  image => image.flop().rotate(90),
  image => image.rotate(90),
];

async function good(): Promise<Record<string, Buffer | string>> {
  const base = sharp(await picture({ width: 24, height: 24, seed: 5 }));
  const files: Record<string, Buffer | string> = {
    'a/cmyk.jpg': await base.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'a/16 bits.png': await base.clone().toColourspace('rgb16').png().toBuffer(),
    'a/palette.png': await base.clone().png({ palette: true, colours: 16 }).toBuffer(),
    'a/clear.png': await base.clone().ensureAlpha(0.3).png().toBuffer(),
    'a/wrong ending.png': await base.clone().jpeg().toBuffer(),
    'b/moving.gif': await sharp(
      [await picture({ width: 24, height: 24 }), await picture({ width: 24, height: 24, seed: 9 })],
      {
        join: { animated: true },
      },
    )
      .gif()
      .toBuffer(),
    'b/drawn.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle r="9" fill="red"/></svg>',
    'b/spaces and 🐈 emoji.png': await picture({ width: 24, height: 24, seed: 2 }),
  };
  for (const [at, turn] of STORED.entries()) {
    const stored = await turn(sharp(await picture({ width: 24, height: 24, seed: 30 })))
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: at + 1 })
      .toBuffer();
    files[`a/orientation ${at + 1}.jpg`] = stored;
  }
  return files;
}

test('a folder of everything that goes wrong', async () => {
  const { desk, datasets, importFolder, imagesOf } = await openWorkshop();
  await putClasses(desk, { a: 6, b: 6 }, { width: 24, height: 24 });
  const files = await good();
  await put(desk, files);
  const jpeg = await picture({ width: 64, height: 64, format: 'jpeg' });
  const png = await picture({ width: 24, height: 24 });
  await put(desk, {
    'b/truncated.jpg': jpeg.subarray(0, jpeg.length / 2),
    'b/truncated.png': png.subarray(0, png.length - 20),
    'b/damaged.png': Buffer.concat([png.subarray(0, 60), Buffer.alloc(8, 7), png.subarray(68)]),
    'b/empty.jpg': '',
    'b/text.jpg': 'Dear reader',
    'b/bomb.png': bomb(),
    'b/bomb.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="90000" height="90000"/>',
    'top.png': png,
  });
  await mkdir(join(desk, 'hollow'));
  await symlink(desk, join(desk, 'b', 'loop'));
  await symlink(join(desk, 'nowhere.png'), join(desk, 'b', 'lost.png'));
  execFileSync('mkfifo', [join(desk, 'b', 'pipe.png')]);
  const detail = await importFolder(desk, 'everything');
  const reasons = Object.fromEntries(detail.rejects.map(({ path, reason }) => [path, reason]));
  expect(reasons).toMatchObject({
    'b/truncated.jpg': 'The JPEG is truncated: the file ends before the image does.',
    'b/truncated.png': 'The PNG is truncated: the file ends before the image does.',
    'b/damaged.png': expect.stringMatching(/^The PNG is damaged/),
    'b/empty.jpg': 'The file is empty.',
    'b/text.jpg': 'It is not an image, whatever its name says.',
    'b/bomb.png': 'It has more than 134 million pixels.',
    'b/bomb.svg': 'It has more than 134 million pixels.',
    'b/lost.png': 'It is a link that leads nowhere.',
    'b/pipe.png': 'It is neither a file nor a folder.',
    'top.png': 'It lies outside the class folders.',
    hollow: 'The folder is empty.',
  });
  const names = detail.rejects.map(({ path }) => path);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(detail.count).toBe(12 + Object.keys(files).length);
  const found = imagesOf(detail.id);
  for (const name of Object.keys(files)) {
    const { index } = found.find(({ path }) => path === name)!;
    const shown = await sharp(await datasets.image(detail.id, index))
      .raw()
      .toBuffer();
    expect(shown.equals(await asSharpReads(join(desk, name), 24)), name).toBe(true);
  }
});

test('names that differ only in how their accents are written are two images', async () => {
  const { desk, importFolder, imagesOf } = await openWorkshop();
  const [nfc, nfd] = ['é'.normalize('NFC'), 'é'.normalize('NFD')];
  await put(desk, {
    [`a/${nfc}.png`]: await picture({ seed: 1 }),
    [`a/${nfd}.png`]: await picture({ seed: 2 }),
    'b/1.png': await picture({ seed: 3 }),
    'b/2.png': await picture({ seed: 4 }),
  });
  const { id, count, rejects } = await importFolder(desk, 'twins');
  expect({ count, rejects }).toEqual({ count: 4, rejects: [] });
  expect(new Set(imagesOf(id).map(({ path }) => path)).size).toBe(4);
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read is named', async () => {
  const { desk, importFolder } = await openWorkshop();
  await putClasses(desk, { a: 2, b: 2 });
  await chmod(join(desk, 'a/000.png'), 0);
  const { rejects } = await importFolder(desk, 'locked');
  expect(rejects).toEqual([{ path: 'a/000.png', reason: 'The file cannot be read: permission denied.' }]);
});

test('pixels do not gather in memory, however many files there are', async () => {
  const { desk, importFolder } = await openWorkshop();
  const file = await picture({ width: 200, height: 200, grey: true });
  for (let n = 0; n < 3000; n++) await put(desk, { [`${n % 2 ? 'a' : 'b'}/${n}.png`]: file });
  // What came from a thread counts as external alone.
  const before = process.memoryUsage().external;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().external);
  }, 5);
  const { count, report, bytes } = await importFolder(desk, 'many');
  clearInterval(watch);
  expect({ count, bytes }).toEqual({ count: 3000, bytes: 120_000_000 });
  expect(report.flags.duplicate).toBe(3000);
  const pixels = Math.round((most - before) / 2 ** 20);
  const whole = Math.round(process.resourceUsage().maxRSS / 1024);
  console.info(
    `Of 120 MB of pixels ${pixels} MiB were in memory; the largest resident set was ${whole} MiB.`,
  );
  // Some sixty megabytes gather before V8 looks what of them is needed still.
  expect(most - before).toBeLessThan(105_000_000);
});

/** A PNG of a few hundred bytes whose header claims 30,000 × 30,000 pixels. */
function bomb(): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(30_000, 0);
  header.writeUInt32BE(30_000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, content: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const start = Buffer.from('89504e470d0a1a0a', 'hex');
  const data = deflateSync(Buffer.alloc(100_000));
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}
