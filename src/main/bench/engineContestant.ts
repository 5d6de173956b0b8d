/**
 * Our side of the benchmark, a process of its own: entry file. It compiles the network that its input's first line
 * names, says how long the start took, then runs steps as contestant.ts asks for them.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compile } from '../../engine/compile/compile.ts';
import type { ProgramName } from '../../engine/compile/program.ts';
import { infer } from '../../engine/graph/infer.ts';
import { type BackendName, loadBackend } from '../../engine/runtime/backend.ts';
import { MODEL_START } from '../../engine/runtime/memory.ts';
import { fillUniform } from '../../engine/runtime/philox.ts';
import { startWorkers } from '../../engine/runtime/pool.ts';
import { Session } from '../../engine/runtime/session.ts';
import type { Turn } from './contestant.ts';
import { benchDocument, benchNetworks } from './networks.ts';
import { machinePeak, type Peak } from './peak.ts';
import { type ProfileRow, profile } from './profile.ts';

export type Mode = 'train' | 'infer';

export interface EngineTask {
  readonly network: string;
  readonly mode: Mode;
  readonly threads: number;
  readonly backend: BackendName;
  /** How many steps are timed instruction by instruction before the first turn; 0 for none. */
  readonly profileSteps: number;
}

/** Milliseconds from the start of the process's own code to the end of the first step, without its images. */
export interface StartUp {
  readonly kernels: number;
  readonly plan: number;
  readonly memory: number;
  readonly firstStep: number;
}

export interface EngineIntroduction {
  readonly backend: string;
  readonly startUp: StartUp;
  /** Bytes of the memory that the engine took, as forecast. */
  readonly forecastBytes: number;
  readonly profile: { readonly rows: readonly ProfileRow[]; readonly peak: Peak } | null;
}

/** The largest resident set so far. Linux alone keeps what a process inherited out of it, by VmHWM. */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
}

function openNetwork({ network, mode, threads, backend: name, profileSteps }: EngineTask) {
  let last = performance.now();
  const lap = () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
  startWorkers(threads);
  const backend = loadBackend(name);
  const kernels = lap();
  const each = benchNetworks.find(other => other.name === network)!;
  const document = benchDocument(each);
  const program: ProgramName = mode === 'train' ? 'train' : 'evaluate';
  const { batch } = each;
  const model = compile({
    inference: infer(document.graph),
    training: document.training,
    batch,
    input: 'real',
    programs: [program],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  const plan = lap();
  const session = new Session(model, backend, threads);
  session.initialise(1);
  const memory = lap();
  const noise = new Float32Array(session.realImages.length);
  fillUniform(noise, 1.7, 1, 0, 0);
  session.realImages.set(noise);
  for (const head of model.heads)
    for (const i of session.targets(head).keys()) session.targets(head)[i] = i % head.shape[0]!;
  const hyper = { learningRate: document.training.learningRate, seed: 1, step: 0 };
  const step = () => {
    session.run(program, batch, hyper);
    // A halted step leaves work out.
    if (session.halted) throw new Error('The loss is no number.');
  };
  // The images are the bench's own: they do not count.
  lap();
  step();
  const firstStep = lap();
  const introduction: EngineIntroduction = {
    backend: backend.title,
    startUp: { kernels, plan, memory, firstStep },
    forecastBytes: Session.bytes(model, threads),
    profile:
      profileSteps > 0
        ? { rows: profile(session, program, hyper, profileSteps), peak: machinePeak(backend, threads) }
        : null,
  };
  return { step, session, introduction };
}

const say = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { step, session, introduction } = openNetwork(JSON.parse((await lines.next()).value!));
say(introduction);
for await (const line of lines) {
  const [wanted, start, spent] = [Number(line) * 1000, performance.now(), process.cpuUsage()];
  let steps = 0;
  for (; steps === 0 || performance.now() - start < wanted; steps++) step();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(spent);
  say({ steps, seconds, cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes() } satisfies Turn);
}
session.close();
