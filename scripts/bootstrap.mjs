/**
 * Brings a clone to where it can run: packages installed, Node 24 at hand, kernels and bundles built. It needs
 * plain Node 20 and npm, imports nothing that is not there yet, and does only what is missing. What it says
 * goes to standard error, so that a command's output stays its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Signals that come this soon (ms) after one another were meant as one. */
const SAME_SIGNAL = 300;

/** Ends the process with one sentence. */
export class Impossible extends Error {}

/** Installs the packages of package-lock.json where they are missing or older than it. */
export function ensureInstalled() {
  const lock = hashOf([join(root, 'package-lock.json')]);
  const stamp = join(root, 'node_modules', '.receptive-lock');
  if (readStamp(stamp) === lock) return;
  if (!installedByHand()) {
    say('Installing packages…');
    const [npm, ...args] = npmCommand();
    // What npm calls fatal it explains itself.
    run(
      npm,
      [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
      'npm could not install the packages.',
    );
  }
  nodePath();
  writeFileSync(stamp, lock);
}

/** Builds kernels and bundles where their sources changed since; `force` builds in any case. */
export function ensureBuilt({ force = false } = {}) {
  // An installed package has no sources: it was built before.
  if (!existsSync(join(root, 'src'))) return;
  const node = nodePath();
  const kernels = [
    'src/engine/kernels',
    'src/engine/layers/instructions.ts',
    'src/engine/layers/trainingInstructions.ts',
    'src/engine/layers/kernelConstants.ts',
    'scripts/build-kernels.ts',
    'scripts/kernelHeaders.ts',
  ];
  step(
    'Building the kernels…',
    'kernels',
    kernels,
    ['resources/kernels.wasm', 'resources/pictures.wasm'],
    force,
    () => run(node, ['scripts/build-kernels.ts'], 'The kernels could not be built.'),
  );
  const bundles = ['src', 'electron.vite.config.ts', 'package-lock.json'];
  step(
    'Building the program…',
    'bundles',
    bundles,
    ['out/main/web.js', 'out/renderer/web.html'],
    force,
    () => {
      const vite = join('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
      run(node, [vite, 'build', '--logLevel', 'warn'], 'The program could not be built.');
    },
  );
}

/** Node 24, which the npm package `node` brings whatever the shell has. */
export function nodePath() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  // npm was told to run no install scripts: it is the one that is needed.
  const installer = 'installArchSpecificPackage.js';
  const folder = join(root, 'node_modules', 'node');
  if (existsSync(join(folder, installer)))
    spawnSync(process.execPath, [installer], { cwd: folder, stdio: 'ignore' });
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Impossible('Node 24 is missing: run `npm rebuild node`, or start this with Node 24 or newer.');
}

/** Runs a script under Node 24 in place of this process. */
export function becomeNode(args) {
  return become(nodePath(), args);
}

/**
 * Runs a program in place of this process: same streams, same signals, same exit code. It has a process group of
 * its own, so that Ctrl+C, which a terminal and npm both send, reaches it once.
 */
export function become(program, args) {
  return new Promise(resolve => {
    // As in src/main/threadPool.ts, for the commands that do the studio's work themselves.
    const env = { UV_THREADPOOL_SIZE: String(availableParallelism() + 4), ...process.env };
    const child = spawn(program, args, { stdio: 'inherit', env, detached: process.platform !== 'win32' });
    let last = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (Date.now() - last > SAME_SIGNAL) child.kill(signal);
        last = Date.now();
      });
    }
    // npm that is told to end ends its shell, which tells nobody.
    const parent = process.ppid;
    const watch = () => process.ppid !== parent && child.kill('SIGTERM');
    if (process.env.npm_lifecycle_event) setInterval(watch, 500).unref();
    child.on('error', () => resolve(1));
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/** Runs a script's main function; an Impossible ends it with its sentence. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

export function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** The npm that runs us, else the one in the shell. */
export function npmCommand() {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
}

export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** Whether a person ran `npm ci` or `npm install` since the lock last changed. */
function installedByHand() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

/** Does a step unless its sources are as they were when it was last done, and its results are there. */
function step(title, name, sources, results, force, body) {
  const stamp = join(root, 'out', `.${name}`);
  const hash = hashOf(sources.map(source => join(root, source)));
  const done = readStamp(stamp) === hash && results.every(result => existsSync(join(root, result)));
  if (done && !force) return;
  say(title);
  body();
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(stamp, hash);
}

/** Of all files at and below these paths: their names and what is in them. */
function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesAt)) {
    hash
      .update(path.slice(root.length).split(sep).join('/'))
      .update('\0')
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Headers that the build writes (scripts/kernelHeaders.ts). */
const written = ['constants.h', 'instructions.h'];

function filesAt(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !written.includes(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

function run(command, args, complaint) {
  // Windows runs npm, which is a .cmd, by a shell alone.
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell });
  if (status !== 0) throw new Impossible(error ? `${complaint} ${error.message}` : complaint);
}
