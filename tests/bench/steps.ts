/**
 * Where a training step's time goes, on one thread, of each instruction the least of many turns:
 * `node tests/bench/steps.ts [--native] cifar_bn …`. For figures that stand beside PyTorch's there is `receptive bench`;
 * this one hardly minds what else the machine does.
 */
import { compile } from '../../src/engine/compile/compile.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { benchDocument, benchNetworks } from '../../src/main/bench/networks.ts';

const native = process.argv.includes('--native');
const chosen = process.argv.slice(2).filter(argument => argument !== '--native');

for (const network of benchNetworks) {
  if (chosen.length > 0 && !chosen.includes(network.name)) continue;
  const document = benchDocument(network);
  const backend = loadBackend(native ? 'native' : 'wasm');
  const model = compile({
    inference: infer(document.graph),
    training: document.training,
    batch: network.batch,
    input: 'real',
    programs: ['train'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  const session = new Session(model, backend, 1);
  session.initialise(1);
  const images = session.realImages;
  for (let i = 0; i < images.length; i++) images[i] = Math.sin(i * 12.9898) * 1.7;
  for (const head of model.heads)
    for (const i of session.targets(head).keys()) session.targets(head)[i] = i % head.shape[0]!;
  const hyper = { learningRate: 0.01, seed: 1, step: 0 };
  const start = performance.now();
  const least: number[] = [];
  let step = Infinity;
  for (let turn = 0; turn < 8 || performance.now() - start < 3000; turn++) {
    const times = session.runTimed('train', network.batch, hyper);
    step = Math.min(
      step,
      times.reduce((sum, time) => sum + time, 0),
    );
    for (const [i, time] of times.entries()) least[i] = Math.min(least[i] ?? Infinity, time);
  }
  const found = new Map<string, number>();
  for (const [i, milliseconds] of least.entries()) {
    const { name } = model.instructions.train[i]!;
    found.set(name, (found.get(name) ?? 0) + milliseconds);
  }
  const rows = [...found].sort((a, b) => b[1] - a[1]).slice(0, 12);
  const parts = rows.map(([name, milliseconds]) => `${name} ${milliseconds.toFixed(1)}`);
  console.log(`${network.name} ${step.toFixed(1)} ms on one thread: ${parts.join(', ')}`);
  session.close();
}
