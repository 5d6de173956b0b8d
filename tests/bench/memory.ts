/**
 * Memory that training really takes beside what was forecast: `node tests/bench/memory.ts [NETWORK…]` trains each
 * for two epochs of two steps in a process of its own, with checkpoints, evaluations and the best weights brought back,
 * and prints how large the process became. It fails where one is more than 250 MiB above its forecast.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { TrainerHandle } from '../../src/engine/runtime/trainerHandle.ts';
import { benchDocument, benchNetworks } from '../../src/main/bench/networks.ts';
import { syntheticData } from './synthetic.ts';

const ALLOWED = 250;
const DEFAULT = ['cifar_bn', 'resnet20', 'resnet18', 'mobilenet_v2', 'unet'];
const MIB = 2 ** 20;

interface Row {
  readonly network: string;
  readonly forecast: number;
  readonly peak: number;
}

/** In the process of its own. */
async function train(name: string): Promise<Row> {
  // What the program has loaded while it trains: the database, the datasets.
  await import('../../src/main/studio/services.ts');
  const plain = benchDocument(benchNetworks.find(each => each.name === name)!);
  const stopping = { ...plain.training.stopping, restoreBest: true };
  const document = { ...plain, training: { ...plain.training, epochs: 2, stopping } };
  const folder = mkdtempSync(join(tmpdir(), 'receptive-memory-'));
  try {
    const data = syntheticData(folder, document, 2);
    let [forecast, failure] = [0, ''];
    const training = new TrainerHandle(
      {
        document,
        data,
        backend: 'wasm',
        threads: 2,
        yields: false,
        folder,
        resumeFrom: null,
        checkpointSteps: 1,
      },
      message => {
        if (message.type === 'start') forecast = message.bytes;
        if (message.type === 'failed') failure = message.message;
      },
    );
    await training.ended;
    if (failure) throw new Error(failure);
    const peak = process.resourceUsage().maxRSS * 1024;
    return { network: name, forecast: Math.round(forecast / MIB), peak: Math.round(peak / MIB) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As it is shipped: run from its sources, every thread would hold a TypeScript parser beside it. */
async function bundled(): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const runtime = join(root, 'src/engine/runtime');
  const threads = ['trainerThread', 'workerThread', 'readerThread'];
  const input = Object.fromEntries(threads.map(name => [name, join(runtime, `${name}.ts`)]));
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node24',
      outDir: 'out/bench',
      rolldownOptions: {
        input: { ...input, memory: fileURLToPath(import.meta.url) },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
  return join(root, 'out/bench/memory.js');
}

const [flag, only] = process.argv.slice(2);
if (flag === '--alone') console.log(JSON.stringify(await train(only!)));
else {
  const names = process.argv.length > 2 ? process.argv.slice(2) : DEFAULT;
  const program = await bundled();
  console.log('network        forecast   peak   above (MiB)');
  for (const name of names) {
    const { stdout } = spawnSync(process.execPath, [program, '--alone', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { forecast, peak } = JSON.parse(stdout) as Row;
    const above = peak - forecast;
    const figures = [forecast, peak, above].map(figure => String(figure).padStart(8)).join('');
    console.log(`${name.padEnd(14)}${figures}${above > ALLOWED ? '  too much' : ''}`);
    if (above > ALLOWED) process.exitCode = 1;
  }
}
