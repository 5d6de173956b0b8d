/** `receptive train`: trains a project file on a dataset; the run is in the workspace. */

import type { StudioEvent } from '../../bridge/contract.ts';
import type { Id } from '../../bridge/ids.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { pretrained } from '../../engine/graph/pretrained.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { fineTuned } from '../../engine/zoo/fromPretrained.ts';
import { LONGEST_NAME, wholeFrom } from '../arguments.ts';
import { SAMPLE_NAME } from '../studio/datasets/import/importService.ts';
import { featureLine } from '../studio/featureLine.ts';
import type { Services } from '../studio/services.ts';
import { startingFrom } from '../studio/startingWeights.ts';
import { printLines, warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { type Command, type Invocation, number, required, text } from './command.ts';
import { withServices } from './openWorkspace.ts';
import { type ProgressLine, progressBar } from './progress.ts';
import { readProject } from './projectFile.ts';
import { findRun } from './trainedRun.ts';
import { settingOptions, withSettings } from './trainingSettings.ts';

export const workerOptions = {
  workers: { type: 'string', value: 'W', help: 'threads (default: one per core)', range: wholeFrom(1, 256) },
} as const;

export const train: Command = {
  name: 'train',
  usage: 'FILE --data NAME [options]',
  summary: 'Trains a project on a dataset. Ctrl-C stops it at a checkpoint.',
  options: {
    data: { type: 'string', value: 'NAME', help: 'the dataset; receptive datasets lists them' },
    from: {
      type: 'string',
      value: 'RUN',
      help: 'begins with the best weights of a run, where names and shapes are the same',
    },
    'fine-tune': {
      type: 'boolean',
      help: 'the last stages of a pretrained network learn, too, slower towards the image; with --from',
    },
    name: { type: 'string', value: 'RUN', help: 'what the run is to be called', longest: LONGEST_NAME },
    ...settingOptions,
    ...workerOptions,
    'checkpoint-steps': {
      type: 'string',
      value: 'N',
      help: 'a checkpoint every so many steps (default: every 20 seconds), and after each epoch',
      range: wholeFrom(1, 1_000_000_000),
    },
  },
  positionals: [1, 1],
  async run(invocation) {
    const project = readProject(invocation.positionals[0]!);
    const opened = invocation.values['fine-tune'] ? opening(project) : project;
    const document = withSettings(opened, invocation);
    const dataset = text(invocation, 'data') ?? document.dataset ?? required(invocation, 'data');
    const workers = number(invocation, 'workers');
    // The sample needs no import: it is drawn when it is first asked for.
    const drawsSample = dataset === SAMPLE_NAME;
    const options = { what: 'receptive train', workers, creates: drawsSample, emit: tellWaiting() };
    return withServices(invocation, options, async services => {
      if (drawsSample) await services.datasets.ensureSample();
      await services.datasets.ensureCache(dataset);
      return follow(invocation, services, onMessage => {
        const name = text(invocation, 'name') ?? null;
        const checkpointSteps = number(invocation, 'checkpoint-steps');
        const begun = beginning({ ...document, dataset }, services, text(invocation, 'from'));
        return services.runs.start({ ...begun, project: null, name, checkpointSteps, onMessage }).id;
      });
    });
  },
};

/** With its last stages open. @throws UserError where it begins with no pretrained network, or has been redrawn */
function opening(project: ProjectDocument): ProjectDocument {
  const weights = pretrained(project.training.start.weights);
  if (!weights)
    throw new UserError(
      '--fine-tune opens a pretrained network: this project begins with none. receptive new --pretrained makes one; --unfreeze opens layers by their names.',
    );
  const tuned = fineTuned(project, weights);
  if ('refusal' in tuned) throw new UserError(tuned.refusal);
  return tuned.document;
}

/** The document as it is trained, and the run whose weights it begins with. @throws UserError where that has none */
function beginning(document: ProjectDocument, services: Services, from: string | undefined) {
  if (from === undefined) return { document };
  const run = services.runs.record(findRun(services, from).id);
  return { document: startingFrom(services.workspace, document, run), origin: run.id };
}

/** Says why a run waits, once, and that it goes on. */
export function tellWaiting(): (event: StudioEvent) => void {
  let told: string | null = null;
  return event => {
    if (event.type !== 'run') return;
    const why = event.run.state === 'paused' ? event.run.error : null;
    if (why === told || (why === null && event.run.state !== 'running')) return;
    warn(`${event.run.name}: ${why ?? 'it goes on.'}`);
    told = why;
  };
}

/** Starts a run, prints its progress, and waits for its end. @returns the exit code */
export async function follow(
  invocation: Invocation,
  { runs }: Services,
  start: (onMessage: (message: TrainerMessage) => void) => Id,
): Promise<number> {
  const bar = progressBar();
  const id = start(message => {
    if (message.type === 'features') {
      bar.clear();
      warn(featureLine(message, invocation.workspace));
    }
    if (invocation.json) printEvents(id, message);
    else printProgress(bar, steps, message);
  });
  const { name, steps, epochs, parameters } = runs.detail(id);
  if (invocation.json) printLine({ event: 'start', run: id, name, epochs, steps, parameters });
  const stop = () => runs.stop(id);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await runs.ended(id);
  const { state, error, metrics, weightHash, seconds } = runs.detail(id);
  if (invocation.json) printLine({ event: 'end', run: id, name, state, error, metrics, weightHash, seconds });
  else {
    const figures = Object.entries(metrics).filter(([key]) => !key.startsWith('step.'));
    const said = figures.map(([key, value]) => `${key} ${value.toFixed(4)}`).join(', ');
    printLines(`${name}: ${state}${error ? `: ${error}` : ''}`, said);
    if (weightHash) printLines(`weights ${weightHash}`);
  }
  return state === 'failed' ? 1 : 0;
}

function printLine(line: object): void {
  printLines(JSON.stringify(line));
}

function printEvents(run: string, message: TrainerMessage): void {
  if (message.type === 'steps')
    for (const point of message.points) printLine({ event: 'step', run, ...point });
  if (message.type === 'epoch') printLine({ event: 'epoch', run, ...message.point });
  if (message.type === 'features') {
    const { images, bytes, seconds, refused } = message;
    printLine({ event: 'features', run, images, bytes, seconds, isKept: refused === null });
  }
  if (message.type === 'health')
    printLine({ event: 'health', run, step: message.step, nodes: message.nodes });
}

function printProgress(bar: ProgressLine, steps: number, message: TrainerMessage): void {
  if (message.type === 'steps') {
    const { step, loss } = message.points.at(-1)!;
    bar.show(step, steps, `loss ${loss.toFixed(4)}, ${Math.round(message.rate)} images/s`);
  }
  if (message.type !== 'epoch') return;
  const { epoch, trainLoss, trainAccuracy, valLoss, valAccuracy } = message.point;
  const validation =
    valLoss === null ? '' : `, val loss ${valLoss.toFixed(4)}, accuracy ${valAccuracy!.toFixed(4)}`;
  bar.clear();
  warn(`epoch ${epoch}: loss ${trainLoss.toFixed(4)}, accuracy ${trainAccuracy.toFixed(4)}${validation}`);
}
