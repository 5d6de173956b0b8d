/**
 * The studio from its sources, for those who work on it: nothing is bundled. Vite serves the window through the web
 * host, behind its token, and tells the open page what changed; the studio process starts anew when a file of its own
 * changes, or the kernels do. Takes the options of `receptive serve`. Never a part of the package.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { join, relative, sep } from 'node:path';
import { createServer, type ViteDevServer } from 'vite';
import config from '../electron.vite.config.ts';
import { securityHeaders } from '../src/main/fetchHandler.ts';
import { printLines, reportUncaught, warn } from '../src/main/terminal.ts';
import { UserError } from '../src/main/userError.ts';
import type { LiveWindow } from '../src/main/web/liveWindow.ts';
import { parseServeOptions, serve, serveHelp } from '../src/main/web/serve.ts';
import type { WebHost } from '../src/main/web/webHost.ts';
import { importedFrom } from './inputs.mjs';

const root = join(import.meta.dirname, '..');

/** Milliseconds in which several files may be saved before the studio starts anew. */
const SAVING = 150;

/** Entries of the studio process and its threads, below the root. */
const studioEntries = Object.entries(config.main!.build!.rolldownOptions!.input as Record<string, string>)
  .filter(([name]) => !['desktop', 'web', 'cli', 'benchEngine'].includes(name))
  .map(([, file]) => below(file));

function below(file: string): string {
  return relative(root, file).split(sep).join('/');
}

/** @param connections it never listens: the web host hands it what it let in */
function startVite(connections: Server, nonce: string): Promise<ViteDevServer> {
  return createServer({
    ...config.renderer,
    configFile: false,
    appType: 'custom',
    clearScreen: false,
    // Neither among the packages, which clones may share, nor in `out`, which is packaged.
    cacheDir: join(root, '.vite'),
    html: { cspNonce: nonce },
    server: {
      middlewareMode: true,
      hmr: { server: connections },
      headers: securityHeaders,
      cors: false,
      fs: { allow: [root] },
    },
  });
}

function liveWindow(vite: ViteDevServer, connections: Server, nonce: string): LiveWindow {
  return {
    token: vite.config.webSocketToken,
    nonce,
    page: () => vite.transformIndexHtml('/', readFileSync(join(vite.config.root, 'web.html'), 'utf8')),
    serve: (request, response) =>
      vite.middlewares(request, response, () => response.writeHead(404).end('There is no such file.')),
    upgrade: (request, socket, head) => connections.emit('upgrade', request, socket, head),
  };
}

/** Starts the studio anew when what it runs changed. What the host runs stays as it was, and that is said. */
function watchStudio(vite: ViteDevServer, host: WebHost): void {
  let due: NodeJS.Timeout | undefined;
  const restart = (file: string) => {
    clearTimeout(due);
    due = setTimeout(() => {
      printLines(`${file} changed: the studio starts anew.`);
      void host.restartStudio();
    }, SAVING);
  };
  vite.watcher.add(['src', 'resources'].map(folder => join(root, folder)));
  vite.watcher.on('change', path => {
    const file = below(path);
    const isStudio = studioEntries.some(entry => importedFrom(root, entry).has(file));
    if (isStudio || /^resources\/.*\.(wasm|node)$/.test(file)) restart(file);
    if (importedFrom(root, 'scripts/dev.ts').has(file))
      warn(`${file} changed: the host runs it as it was until npm run dev is started anew.`);
  });
}

reportUncaught();
try {
  const options = parseServeOptions(process.argv.slice(2));
  if (options) {
    const nonce = randomBytes(16).toString('base64url');
    const connections = createHttpServer();
    const vite = await startVite(connections, nonce);
    const host = await serve({ ...options, live: liveWindow(vite, connections, nonce) });
    watchStudio(vite, host);
  } else printLines(...serveHelp);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  warn(error.message);
  process.exit(2);
}
