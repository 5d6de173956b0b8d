/** Serves files below a folder. Paths cannot leave it, by `..`, links or otherwise, and folders are not listed. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export interface StaticFile {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
}

/**
 * A URL's path, decoded once: `/media/a b.png`. Undefined where it is malformed or has an empty, `.` or `..` segment, a
 * backslash or a control character.
 */
export function decodePath(pathname: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (!path.startsWith('/') || /[\\\u0000-\u001f\u007f]/.test(path)) return undefined;
  const segments = path.slice(1).split('/');
  if (segments.some(segment => segment === '' || segment === '.' || segment === '..')) return undefined;
  return path;
}

/** The file at a decoded path below `root`; undefined where there is none. */
export async function staticFile(root: string, path: string): Promise<StaticFile | undefined> {
  const contentType = contentTypes[extname(path)];
  if (!contentType) return undefined;
  try {
    const file = await realpath(join(root, path));
    if (!file.startsWith((await realpath(root)) + sep)) return undefined;
    return { body: await readFile(file), contentType };
  } catch (error) {
    // It does not exist, or is a folder.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
