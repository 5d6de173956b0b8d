/** The window in a browser: the studio's WebSocket, and files as the browser hands them out. */
import { openWebSocket } from '../bridge/channels/webSocket.ts';
import { USER_FAULT } from '../bridge/faults.ts';
import type { Host } from '../bridge/windowHost.ts';
import { start } from './start.tsx';

const host: Host = {
  kind: 'web',
  connect: () => openWebSocket(new URL('/studio', location.href.replace(/^http/, 'ws')).href),
  mediaUrl: path => path,
  openTextFile,
  saveFile,
  upload,
  setTitle: title => {
    document.title = title;
  },
};

/** The browser's own dialog; resolves to undefined when it is closed without a choice. */
function openTextFile(): Promise<{ name: string; text: string } | undefined> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,application/json';
  return new Promise((resolve, reject) => {
    input.addEventListener('cancel', () => resolve(undefined));
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (!file) return resolve(undefined);
      file.text().then(text => resolve({ name: file.name, text }), reject);
    });
    input.click();
  });
}

/** A download: the browser asks where to, or has a folder for it. */
async function saveFile(fileName: string, content: string | Uint8Array): Promise<string> {
  const part = content as string | Uint8Array<ArrayBuffer>;
  const address = URL.createObjectURL(new Blob([part], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return fileName;
}

async function upload(uploadId: string, relativePath: string, file: Blob): Promise<void> {
  const path = relativePath.split('/').map(encodeURIComponent).join('/');
  const response = await fetch(`/upload/${uploadId}/${path}`, { method: 'PUT', body: file });
  // An answer that nobody reads would be shown as broken off.
  const answer = await response.text();
  if (response.ok) return;
  const error = new Error(answer.trim() || `The studio refused it (${response.status}).`);
  error.name = USER_FAULT;
  throw error;
}

// The token came in the address and is a cookie by now: it need not stay where a history keeps it.
if (location.search !== '') history.replaceState(null, '', location.pathname);

start(host);
