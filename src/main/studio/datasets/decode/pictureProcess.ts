/**
 * A process that decodes images one by one for pictureProcesses.ts. It monitors itself: if it exceeds the memory or CPU
 * time expected from the image's size, it ends itself.
 */
import { parentPort } from 'node:worker_threads';
import {
  DECODING_SECONDS,
  DECODING_SECONDS_PER_MEGAPIXEL,
  RETIRED_BYTES,
  SPARE_BYTES,
  UNASKED_BYTES,
} from '../limits.ts';
import { decodeAny, decodeBytes, readAnyHeader, scanAny } from './anyPicture.ts';
import { inMegabytes } from './imageRefusal.ts';
import { measure } from './measureImage.ts';
import type { PictureMessage, PictureRequest, PictureResult } from './pictureMessages.ts';

/** Milliseconds between two checks of resources. */
const WATCH_INTERVAL_MS = 40;

/** In Electron it is a thread instead of a process. */
const isThread = parentPort !== null;

/** `sent` is called when the message has been delivered. */
function post(message: PictureMessage, sent: () => void = () => undefined): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message, undefined, undefined, sent);
}

let granted: (() => void) | undefined;
/** Limits for the current image: resident bytes, and CPU seconds. */
let mostBytes = 0;
let mostSeconds = 0;
let begun = process.cpuUsage();

function received(message: PictureRequest | { granted: true }): void {
  if ('granted' in message) granted?.();
  else work(message);
}

async function work(request: PictureRequest): Promise<void> {
  const rss = process.memoryUsage.rss();
  begun = process.cpuUsage();
  allow(rss, UNASKED_BYTES, 0);
  const watch = isThread ? undefined : setInterval(checkLimits, WATCH_INTERVAL_MS);
  const start = performance.now();
  let grantedBytes = UNASKED_BYTES;
  const result = await resultOf(request, async (bytes, pixels) => {
    // Small requests need no waiting, but memory granted before is returned.
    if (bytes > UNASKED_BYTES || grantedBytes > UNASKED_BYTES) {
      const waiting = new Promise<void>(resolve => {
        granted = resolve;
      });
      post({ needs: Math.max(bytes, UNASKED_BYTES), seconds: secondsFor(pixels) });
      await waiting;
    }
    grantedBytes = Math.max(bytes, UNASKED_BYTES);
    allow(rss, grantedBytes, pixels);
  });
  clearInterval(watch);
  const milliseconds = performance.now() - start;
  post({ result, milliseconds, retires: !isThread && process.memoryUsage.rss() > RETIRED_BYTES });
}

async function resultOf(
  request: PictureRequest,
  admit: (bytes: number, pixels: number) => Promise<void>,
): Promise<PictureResult> {
  if ('header' in request) return { header: await readAnyHeader(request.header, admit) };
  if ('scan' in request) return { values: await scanAny(request.scan, admit) };
  if ('bytes' in request) return { decoded: await decodeBytes(request.bytes, request.spec, admit) };
  const { job, spec } = request;
  const decoded = await decodeAny(job, spec, admit);
  if (!('pixels' in decoded)) return { decoded };
  return { decoded: { ...decoded, measures: measure(decoded.pixels, spec.shape, decoded.mask) } };
}

function secondsFor(pixels: number): number {
  return DECODING_SECONDS + (DECODING_SECONDS_PER_MEGAPIXEL * pixels) / 1e6;
}

function allow(rss: number, bytes: number, pixels: number): void {
  mostBytes = rss + bytes + SPARE_BYTES;
  mostSeconds = secondsFor(pixels);
}

function checkLimits(): void {
  const { user, system } = process.cpuUsage(begun);
  if (process.memoryUsage.rss() > mostBytes) {
    end(`Decoding it takes more memory than its size lets expect, over ${inMegabytes(mostBytes)}.`);
  } else if ((user + system) / 1e6 > mostSeconds) {
    end(`Decoding it takes too long, over ${Math.round(mostSeconds)} seconds: save it in a simpler form.`);
  }
}

function end(reason: string): void {
  // process.exit would wait for running native code.
  post({ ends: reason }, () => process.kill(process.pid, 'SIGKILL'));
}

if (parentPort) parentPort.on('message', received);
else {
  process.on('message', received);
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Ctrl+C reaches all processes of the terminal; the parent ends this one.
  process.on('SIGINT', () => undefined);
}
