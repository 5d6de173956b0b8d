/**
 * Small files that ask for the whole machine, and things that are no files: each is refused by name, once, and the rest
 * is imported. Memory is read in a process of its own (docs/architecture.md says what an import may take).
 */
import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { findings } from '../../src/main/cli/findings.ts';
import { PictureProcesses } from '../../src/main/studio/datasets/decode/pictureProcesses.ts';
import { decodeJob } from '../../src/main/studio/datasets/decode/plainPicture.ts';
import { Walked } from '../../src/main/studio/datasets/formats/walkFolder.ts';
import {
  MOST_DEPTH,
  MOST_ENTRIES,
  MOST_IMAGES,
  MOST_SENTENCE,
} from '../../src/main/studio/datasets/limits.ts';
import { quoted } from '../../src/main/studio/datasets/quote.ts';
import { printable } from '../../src/main/terminal.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { chunk, ENDLESS_SVG, pngOf, putPackedIdx, putSparse } from './bombs.ts';
import { importBeside } from './bounded.ts';
import { idxFiles, openWorkshop, picture, put, putClasses } from './workshop.ts';

/** MiB: the studio's own, of small datasets; and with all that is decoded, and the processes that decode. */
const STUDIO = 716;
const TOGETHER = STUDIO + 1280 + 256 * Math.min(16, availableParallelism() + 1);

const numbered = (count: number, name: (at: number) => string, content: Uint8Array | string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), content]));

test.each<[string, number, Uint8Array | string, RegExp]>([
  ['a hundred bytes that say 8,388,608×16', 8, pngOf(8_388_608, 16), /^It is 8388608×16 pixels; a side/],
  ['4,194,304×32', 40, pngOf(4_194_304, 32), /^It is 4194304×32 pixels; a side may have at most 65535\.$/],
  ['16×8,388,608', 8, pngOf(16, 8_388_608), /^It is 16×8388608 pixels/],
  [
    'interlaced, of 134 megapixels of 64 bits',
    12,
    pngOf(11_585, 11_585, { bits: 16, colour: 6, isInterlaced: true }),
    /^The PNG is damaged/,
  ],
  ['more pixels than there may be', 8, pngOf(30_000, 30_000), /^It has more than 134 million pixels\.$/],
])(
  'PNGs: %s',
  async (_, count, bomb, reason) => {
    const desk = await putClasses(temporaryFolder(), { a: 2, b: 2 }, { width: 24, height: 24 });
    await put(
      desk,
      numbered(count, at => `a/bomb${at}.png`, bomb),
    );
    const outcome = await importBeside(desk);
    expect(outcome).toMatchObject({ count: 4 });
    const names = outcome.rejects!.map(({ path }) => path);
    expect(names.toSorted()).toEqual(Object.keys(numbered(count, at => `a/bomb${at}.png`, bomb)).toSorted());
    for (const each of outcome.rejects!) expect(each.reason).toMatch(reason);
    expect(outcome.mebibytes).toBeLessThan(STUDIO);
    expect(outcome.together).toBeLessThan(TOGETHER);
  },
  300_000,
);

test('files of 1.9 GB, and texts of a PNG that unpack to a gigabyte', async () => {
  const desk = await putClasses(temporaryFolder(), { a: 2, b: 2 }, { width: 24, height: 24 });
  const png = await picture({ width: 24, height: 24, seed: 9 });
  for (const [name, start] of [
    ['1.png', png.subarray(0, 60)],
    ['2.jpg', Buffer.from('ffd8ffe0', 'hex')],
    ['3.gif', Buffer.from('GIF89a')],
  ] as const)
    await putSparse(join(desk, 'a', name), start, 1_900_000_000);
  await putSparse(join(desk, 'b/mere zeros.png'), Buffer.alloc(0), 300_000_000);
  const zeros = deflateSync(Buffer.alloc(2 ** 28));
  const [head, rest] = [png.subarray(0, 33), png.subarray(33)];
  const text = chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), zeros]));
  const profile = chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), zeros]));
  await put(desk, {
    'b/text.png': Buffer.concat([head, text, text, text, text, rest]),
    'b/profile.png': Buffer.concat([head, profile, rest]),
  });
  const outcome = await importBeside(desk);
  const reasons = Object.fromEntries(outcome.rejects!.map(({ path, reason }) => [path, reason]));
  expect(reasons).toMatchObject({
    'a/1.png': 'The file has 1900 MB; at most 537 MB are read.',
    'a/2.jpg': 'The file has 1900 MB; at most 537 MB are read.',
    'a/3.gif': 'The file has 1900 MB; at most 537 MB are read.',
    'b/mere zeros.png': 'It is not an image, whatever its name says.',
  });
  expect(outcome.count! + outcome.rejects!.length).toBe(10);
  expect(outcome.mebibytes).toBeLessThan(STUDIO);
  expect(outcome.together).toBeLessThan(TOGETHER);
}, 300_000);

test('a PNG in millions of empty parts takes no more memory than its bytes', async () => {
  const desk = await putClasses(temporaryFolder(), { a: 2, b: 2 }, { width: 24, height: 24 });
  const png = await picture({ width: 24, height: 24, seed: 9 });
  const parts = Buffer.alloc(12 * 3_000_000, chunk('IDAT', Buffer.alloc(0)));
  await put(
    desk,
    numbered(2, at => `a/parts${at}.png`, Buffer.concat([png.subarray(0, 33), parts, png.subarray(33)])),
  );
  const outcome = await importBeside(desk);
  expect(outcome.count! + outcome.rejects!.length).toBe(6);
  expect(outcome.mebibytes).toBeLessThan(STUDIO);
  expect(outcome.together).toBeLessThan(TOGETHER);
}, 300_000);

test('photographs of a hundred megapixels are imported, however they are kept, within the memory', async () => {
  const desk = await putClasses(temporaryFolder(), { a: 2, b: 2 }, { width: 24, height: 24 });
  const flat = sharp({ create: { width: 11_000, height: 9000, channels: 3, background: '#369' } });
  const progressive = await flat.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer();
  await put(desk, {
    ...numbered(4, at => `a/${at}.jpg`, progressive),
    'b/plain.jpg': await flat.clone().jpeg().toBuffer(),
    'b/turned.jpg': await flat.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'b/whole.png': await flat.clone().png({ compressionLevel: 1, progressive: true }).toBuffer(),
  });
  const outcome = await importBeside(desk);
  expect(outcome).toMatchObject({ count: 11, rejects: [] });
  expect(outcome.mebibytes).toBeLessThan(STUDIO);
  expect(outcome.together).toBeLessThan(TOGETHER);
}, 600_000);

test.each<[string, (folder: string) => Promise<unknown>, RegExp]>([
  [
    '20 million images of 1×1 in 40 kB',
    folder => putPackedIdx(folder, 20_000_000, 1),
    /makes no sense: 20000000 images of 1×1\. There may be 1000000/,
  ],
  [
    'a million images of 1×1 in 1 kB',
    folder => putPackedIdx(folder, 1_000_000, 1),
    /says it holds 1000000 images in \d+ bytes: of more than 100000, each takes at least 8 bytes\.$/,
  ],
  [
    '200 images of 4096×4096 in 3 MB',
    folder => putPackedIdx(folder, 200, 4096),
    /would be 3356 MB when it is unpacked, more than 200 times its size/,
  ],
  [
    'a CSV line of 100 MB',
    folder => put(folder, { 'labels.csv': `file,label\n${'x'.repeat(100e6)},b\n`, '1.png': 'x' }),
    /labels\.csv is no CSV: a row has more than 1048576 characters/,
  ],
  [
    'a header of 100 MB',
    folder => put(folder, { 'labels.csv': `file,label,${'x'.repeat(100e6)}\n1.png,b\n`, '1.png': 'x' }),
    /labels\.csv is no CSV: a row has more|holds no dataset/,
  ],
  [
    'a quote that is never closed',
    folder =>
      put(folder, { 'labels.csv': `file,label\n1.png,b\n2.png,"${'cat\n'.repeat(5e6)}`, '1.png': 'x' }),
    /labels\.csv is no CSV/,
  ],
  [
    'a CSV of a million columns',
    folder => put(folder, { 'labels.csv': `file,label\n1.png,b${','.repeat(1e6)}\n`, '1.png': 'x' }),
    /Row 2 of labels\.csv has 1000002 columns: at most 4096 are read/,
  ],
  [
    'a CSV of more rows than images',
    folder =>
      put(folder, { 'labels.csv': `file,label\n${'1.png,b\n'.repeat(MOST_IMAGES + 1)}`, '1.png': 'x' }),
    /labels\.csv has more than 1000000 rows/,
  ],
  [
    'a COCO file of brackets',
    folder =>
      put(folder, {
        'a.json': `{"images":[${'['.repeat(20e6)}${']'.repeat(20e6)}],"annotations":[],"categories":[]}`,
      }),
    /a\.json is no JSON that can be read: more than 64 brackets are in one another, at byte 7\d\.$/,
  ],
  [
    'a COCO file with an item of 50 MB',
    folder =>
      put(folder, {
        'a.json': `{"images":[{"id":1,"file_name":"${'x'.repeat(50e6)}"}],"annotations":[],"categories":[]}`,
      }),
    /a\.json is no JSON that can be read: a part of it is longer than 4194304 bytes/,
  ],
  [
    'a COCO file of empty lists',
    folder =>
      put(folder, { 'a.json': `{"images":[${'[],'.repeat(20e6)}[]],"annotations":[],"categories":[]}` }),
    /a\.json is not what COCO writes: at images\.0/,
  ],
  [
    'a COCO file of 2 GB',
    folder =>
      putSparse(join(folder, 'a.json'), Buffer.from('{"images":[],"annotations":[],"categories":['), 2e9),
    /a\.json is larger than 1 GB/,
  ],
  [
    'a CIFAR batch of 8 GB',
    folder => putSparse(join(folder, 'data_batch_1.bin'), Buffer.alloc(1), 3073 * 2_700_000),
    /holds 2700000 images: at most 1000000 are imported/,
  ],
  [
    'CIFAR batches of 2 GB, each of which could be imported alone',
    async folder => {
      for (let batch = 1; batch <= 6; batch++)
        await putSparse(join(folder, `data_batch_${batch}.bin`), Buffer.alloc(1), 3073 * 700_000);
    },
    /holds 4200000 images: at most 1000000 are imported/,
  ],
  [
    'COCO files of 600 MB, each of which could be imported alone',
    async folder => {
      const start = Buffer.from('{"images":[],"annotations":[],"categories":[');
      for (const name of ['a.json', 'b.json']) await putSparse(join(folder, name), start, 6e8);
    },
    /The JSON files in .* are larger than 1 GB together: import them one by one/,
  ],
  [
    'a COCO file of ids of two thousand characters each',
    folder =>
      put(folder, {
        'a.json': `{"annotations":[${`{"image_id":"${'x'.repeat(2000)}","category_id":1},`.repeat(50_000)}{}],"images":[],"categories":[]}`,
      }),
    /a\.json is not what COCO writes: at annotations\.0\.image_id/,
  ],
  [
    'an IDX file that says more than it holds',
    async folder => {
      const files = idxFiles('train-', 30);
      files['train-images-idx3-ubyte']!.writeUInt32BE(4096, 8);
      files['train-images-idx3-ubyte']!.writeUInt32BE(4096, 12);
      await put(folder, files);
    },
    /train-images-idx3-ubyte is cut off/,
  ],
])(
  '%s: refused in a short sentence, within the memory',
  async (_, make, sentence) => {
    const desk = temporaryFolder();
    await make(desk);
    const outcome = await importBeside(desk);
    expect(outcome.error).toMatch(sentence);
    expect(outcome.error).toMatch(/^UserError: /);
    expect(outcome.error!.length).toBeLessThan(600);
    expect(outcome.together).toBeLessThan(STUDIO);
  },
  300_000,
);

test('names of classes that would fill every message to a window are refused', async () => {
  const { desk, importFolder, datasets } = await openWorkshop();
  const rows = Array.from({ length: 5000 }, (_, at) => `${at}.png,${at}${'x'.repeat(240)}`);
  await put(
    desk,
    numbered(5000, at => `${at}.png`, ''),
  );
  await put(desk, { 'labels.csv': `file,label\n${rows.join('\n')}\n`, '0.png': await picture() });
  await expect(importFolder(desk, 'names')).rejects.toThrow(
    /names of the classes, .* at most 1048576 are kept/,
  );
  expect(datasets.list()).toEqual([]);
}, 60_000);

test('what a file calls its images and classes is cut where a sentence quotes it', async () => {
  const { desk, importFolder } = await openWorkshop();
  const long = 'x'.repeat(100_000);
  await put(desk, {
    'labels.csv': `file,label\n1.png,a\n2.png,b\n${long}.png,a\n3.png,${long}\n`,
    '1.png': await picture({ seed: 1 }),
    '2.png': await picture({ seed: 2 }),
    '3.png': await picture({ seed: 3 }),
  });
  const { count, rejects } = await importFolder(desk, 'long');
  expect(count).toBe(2);
  expect(rejects.map(({ path }) => path.length < 200)).not.toContain(false);
  expect(rejects.map(({ reason }) => reason)).toContain(
    'Its class has a name of 100000 characters; at most 255 are taken.',
  );
  for (const { reason } of rejects) expect(reason.length).toBeLessThan(MOST_SENTENCE);
});

test('names that are orders to a terminal are shown to it as numbers', async () => {
  const { desk, importFolder } = await openWorkshop();
  await putClasses(desk, { a: 2, b: 2 });
  await put(desk, { 'a/\u001b[2J\u009b31m\n\u202egnp.exe.png': 'no image' });
  const lines = findings(await importFolder(desk, 'orders'));
  expect(printable(lines.at(-1)!)).toBe(
    'not used: a/\\u001b[2J\\u009b31m\\u000a\\u202egnp.exe.png: It is not an image, whatever its name says.',
  );
  expect(printable('Frühstück, 朝食 🐈')).toBe('Frühstück, 朝食 🐈');
  expect(quoted('🐈'.repeat(50), 5)).toBe('🐈🐈…');
});

/** A name for each kind of file that some format looks for. */
const LOOKED_FOR = [
  'labels.csv',
  'annotations.json',
  'a/1.png',
  'a/2.jpg',
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte.gz',
  'data_batch_1.bin',
  'batches.meta.txt',
  'classes.txt',
  'class_dict.csv',
  'annotations/instances_train.json',
];

test.each<[string, (path: string) => Promise<unknown> | unknown]>([
  ['named pipes', path => execFileSync('mkfifo', [path])],
  [
    'sockets',
    async path => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
    },
  ],
  ['links to a device', path => symlink('/dev/zero', path)],
  ['links to themselves', path => symlink(path, path)],
  ['folders', path => mkdir(path)],
])(
  '%s with the names of files are not read',
  async (_, make) => {
    const { desk, importFolder, datasets } = await openWorkshop();
    await putClasses(desk, { a: 4, b: 4 });
    await mkdir(join(desk, 'annotations'));
    await mkdir(join(desk, 'images'));
    for (const name of LOOKED_FOR) await make(join(desk, name));
    expect((await datasets.recogniseFolder(desk)).map(({ format }) => format)).toEqual(['folders']);
    const { count, rejects } = await importFolder(desk, 'mixed');
    expect(count).toBe(8);
    const paths = rejects.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const name of LOOKED_FOR) expect(paths).toContain(name);
  },
  120_000,
);

test.each(['csv', 'coco', 'idx', 'cifar'] as const)(
  'a folder of pipes that is said to be %s is refused',
  async format => {
    const { desk, datasets } = await openWorkshop();
    for (const name of LOOKED_FOR.filter(name => !name.includes('/')))
      execFileSync('mkfifo', [join(desk, name)]);
    const attempt = datasets
      .importDataset({ path: desk, name: 'pipes', format })
      .then(id => datasets.finished(id));
    await expect(attempt).rejects.toMatchObject({ name: 'UserError' });
  },
);

test('what became a pipe after it was found is not waited for', async () => {
  const pipe = join(temporaryFolder(), 'pipe.png');
  execFileSync('mkfifo', [pipe]);
  const spec = { shape: [3, 8, 8], fit: 'contain', masks: null } as const;
  expect(decodeJob({ file: pipe }, spec)).toEqual({ reason: 'The file is neither a file nor a folder.' });
  const answer = await new PictureProcesses().ask({ job: { file: pipe }, spec });
  expect(answer).toMatchObject({ result: { decoded: { reason: expect.stringMatching(/neither a file/) } } });
});

test('folders in folders are followed so far', async () => {
  const { desk, importFolder } = await openWorkshop();
  const deep = (depth: number) => `a/${'d/'.repeat(depth)}`;
  await put(desk, {
    'a/1.png': await picture({ seed: 1 }),
    'b/1.png': await picture({ seed: 2 }),
    [`${deep(MOST_DEPTH)}1.png`]: await picture({ seed: 3 }),
    [`${deep(500)}1.png`]: await picture({ seed: 4 }),
  });
  const { count, rejects } = await importFolder(desk, 'deep');
  expect(count).toBe(3);
  expect(rejects).toEqual([
    { path: deep(MOST_DEPTH + 1).slice(0, -1), reason: `It lies more than ${MOST_DEPTH} folders deep.` },
  ]);
});

test('a walk ends at so many files, in whatever folders they are', () => {
  const walked = new Walked();
  walked.add(MOST_ENTRIES - 1, '/first');
  walked.add(1, '/second');
  expect(() => walked.add(1, '/third')).toThrow(/\/third holds more than 2000000 files and folders/);
});

test('a decoder that hangs is ended, its file refused, and the next is decoded', async () => {
  const desk = temporaryFolder();
  await put(desk, { 'endless.svg': ENDLESS_SVG, 'good.gif': await picture({ format: 'gif' }) });
  const processes = new PictureProcesses(0.5);
  const spec = { shape: [3, 8, 8], fit: 'contain', masks: null } as const;
  const ask = (name: string, signal?: AbortSignal) =>
    processes.ask({ job: { file: join(desk, name) }, spec }, signal);
  const [hung, good] = await Promise.all([ask('endless.svg'), ask('good.gif')]);
  expect(hung).toEqual({ reason: 'Decoding it did not end within 5 seconds.' });
  expect(good).toMatchObject({ result: { decoded: { width: 12, height: 12 } } });
  const controller = new AbortController();
  const aborted = ask('endless.svg', controller.signal);
  controller.abort(new Error('Enough.'));
  await expect(aborted).rejects.toThrow('Enough.');
  expect(await ask('good.gif')).toMatchObject({ result: { decoded: { width: 12 } } });
}, 120_000);

test('a drawing without end is refused by the time of the processor that it takes', async () => {
  const desk = await putClasses(temporaryFolder(), { a: 2, b: 2 }, { width: 24, height: 24 });
  await put(desk, { 'a/endless.svg': ENDLESS_SVG });
  const outcome = await importBeside(desk);
  expect(outcome.count).toBe(4);
  expect(outcome.rejects).toEqual([
    { path: 'a/endless.svg', reason: expect.stringMatching(/^Decoding it (takes too long|did not end)/) },
  ]);
  expect(outcome.together).toBeLessThan(TOGETHER);
}, 300_000);

test('a breakdown of the decoder is the fault of the file that it was at', async () => {
  const desk = temporaryFolder();
  await put(desk, { 'endless.svg': ENDLESS_SVG });
  const processes = new PictureProcesses();
  const spec = { shape: [3, 8, 8], fit: 'contain', masks: null } as const;
  const answer = processes.ask({ job: { file: join(desk, 'endless.svg') }, spec });
  await expect
    .poll(() => execFileSync('pgrep', ['-P', `${process.pid}`, '-f', 'pictureProcess']).toString())
    .not.toBe('');
  execFileSync('pkill', ['-KILL', '-P', `${process.pid}`, '-f', 'pictureProcess']);
  expect(await answer).toEqual({
    reason: 'It is damaged: the library that decodes it broke down over it.',
  });
});

test('images of 4096×4096 are unpacked as fast as they are read', async () => {
  const { desk, importFolder } = await openWorkshop();
  const [count, side] = [3, 2048];
  const pixels = Buffer.alloc(
    count * side * side,
    Buffer.from(Array.from({ length: 997 }, (_, at) => (at * at) % 251)),
  );
  const header = Buffer.alloc(16);
  for (const [at, value] of [2051, count, side, side].entries()) header.writeUInt32BE(value, 4 * at);
  const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, count, 0, 1, 0]);
  await put(desk, {
    'train-images-idx3-ubyte.gz': gzipSync(Buffer.concat([header, pixels])),
    'train-labels-idx1-ubyte': labels,
  });
  expect(await importFolder(desk, 'large')).toMatchObject({ count, imageShape: [1, side, side] });
});
