/** Settings that the command line changes in a project before it trains: the known ones, and `--set`. */
import { documentSchema, type ProjectDocument, type Training } from '../../engine/graph/document.ts';
import {
  freezeLayers,
  frozenLayers,
  layersMatching,
  weightedLayers,
} from '../../engine/graph/freezeLayers.ts';
import { infer } from '../../engine/graph/infer.ts';
import { computingFields } from '../../engine/graph/trainingFields.ts';
import { type Fields, initialValues } from '../../engine/layers/fields.ts';
import { optimizerKinds } from '../../engine/optimizers/registry.ts';
import type { ChosenBackend } from '../../engine/runtime/chooseBackend.ts';
import { scheduleKinds } from '../../engine/schedules/registry.ts';
import { assign, parseValue } from '../../experiments/assignment.ts';
import { numberAbove, quoted, wholeFrom } from '../arguments.ts';
import { computedBy } from '../studio/runBackend.ts';
import { type Invocation, listOf, number, type Options, text, UsageError } from './command.ts';

type Backend = Training['computing']['backend'];

const backends = computingFields.backend.options as readonly Backend[];

export const EPOCH_RANGE = wholeFrom(1, 100_000);

export const settingOptions = {
  epochs: { type: 'string', value: 'N', help: 'how often each image is seen', range: EPOCH_RANGE },
  batch: { type: 'string', value: 'N', help: 'images per step', range: wholeFrom(1, 65_536) },
  lr: { type: 'string', value: 'X', help: 'learning rate', range: numberAbove(0, 1000) },
  optimizer: {
    type: 'string',
    value: 'NAME',
    help: optimizerKinds()
      .map(kind => kind.kind)
      .join(', '),
  },
  schedule: {
    type: 'string',
    value: 'NAME',
    help: scheduleKinds()
      .map(kind => kind.kind)
      .join(', '),
  },
  'no-features': {
    type: 'boolean',
    help: 'what flows out of frozen layers is not kept: each epoch computes it anew',
  },
  backend: { type: 'string', value: 'auto|wasm|native', help: 'what computes (default: auto, the fastest)' },
  seed: {
    type: 'string',
    value: 'S',
    help: 'where the random numbers begin',
    range: wholeFrom(0, 4_294_967_295),
  },
  freeze: {
    type: 'string',
    multiple: true,
    value: 'PATTERN',
    help: 'layers that keep their weights, by name: conv1, "backbone.*", "*.bn2"; may be repeated',
  },
  unfreeze: {
    type: 'string',
    multiple: true,
    value: 'PATTERN',
    help: 'layers that learn again, of those that are frozen; after --freeze',
  },
  set: {
    type: 'string',
    multiple: true,
    value: 'PATH=VALUE',
    help: 'any other: optimizer.momentum=0.9, schedule.stepSize=3, losses.0.kind=DiceLoss, augmentations=["RandomHorizontalFlip"], conv1.outChannels=64, conv1.frozen=true',
  },
} as const satisfies Options;

/** The document with the settings that were given. @throws UsageError naming the one that is wrong */
export function withSettings(document: ProjectDocument, invocation: Invocation): ProjectDocument {
  const { training } = document;
  const changed: ProjectDocument = {
    ...document,
    training: {
      ...training,
      epochs: number(invocation, 'epochs') ?? training.epochs,
      batchSize: number(invocation, 'batch') ?? training.batchSize,
      learningRate: number(invocation, 'lr') ?? training.learningRate,
      seed: number(invocation, 'seed') ?? training.seed,
      computing: {
        backend: backendNamed(text(invocation, 'backend') ?? training.computing.backend),
        workers: number(invocation, 'workers') ?? training.computing.workers,
        features: training.computing.features && invocation.values['no-features'] !== true,
      },
      optimizer: chosen('optimizer', optimizerKinds(), training.optimizer, text(invocation, 'optimizer')),
      schedule: chosen('schedule', scheduleKinds(), training.schedule, text(invocation, 'schedule')),
    },
  };
  const set = listOf(invocation, 'set').reduce(assigned, changed);
  const parsed = documentSchema.safeParse(set);
  if (parsed.success) return withFreezing(parsed.data, invocation);
  const { path, message } = parsed.error.issues[0]!;
  throw new UsageError(`${path.join('.')}: ${message}.`);
}

/** With the layers that are to be frozen, and those that are to learn again. @throws UsageError naming the pattern */
function withFreezing(document: ProjectDocument, invocation: Invocation): ProjectDocument {
  const [freeze, unfreeze] = [listOf(invocation, 'freeze'), listOf(invocation, 'unfreeze')];
  if (freeze.length + unfreeze.length === 0) return document;
  const inference = infer(document.graph);
  const meant = (option: string, patterns: readonly string[]) =>
    patterns.flatMap(pattern => {
      const layers = layersMatching(inference, pattern);
      if (layers.length === 0) throw unmatched(option, pattern, [...weightedLayers(inference).values()]);
      return layers;
    });
  const kept = frozenLayers(inference)
    .union(new Set(meant('freeze', freeze)))
    .difference(new Set(meant('unfreeze', unfreeze)));
  if (kept.size === weightedLayers(inference).size)
    throw new UsageError('--freeze: all layers with weights would be frozen; at least one has to learn.');
  const frozen = freezeLayers(document.graph, inference, kept);
  if ('refusal' in frozen) throw new UsageError(`--freeze: ${frozen.refusal}`);
  return { ...document, graph: frozen.graph };
}

/** Names that stand in one sentence. */
const MOST_NAMED = 12;

function unmatched(option: string, pattern: string, names: readonly string[]): UsageError {
  const tops = [...new Set(names.map(name => name.split('.')[0]!))];
  const known = [...tops.slice(0, MOST_NAMED), ...(tops.length > MOST_NAMED ? ['…'] : [])].join(', ');
  return new UsageError(
    `--${option}: no layer with weights is called ${quoted(pattern)}. There are: ${known}.`,
  );
}

/** What `--backend` says. @throws UsageError where there is no such backend */
function backendNamed(wanted: string): Backend {
  const backend = backends.find(each => each === wanted);
  if (!backend) throw new UsageError(`--backend takes ${backends.join(', ')}; it got ${quoted(wanted)}.`);
  return backend;
}

/** The backend that a name asks for. @throws UsageError, and UserError where it cannot be had */
export function chosenBackend(wanted: string): ChosenBackend {
  return computedBy(backendNamed(wanted));
}

/** With `PATH=VALUE`. @throws UsageError where there is no such setting */
function assigned(document: ProjectDocument, assignment: string): ProjectDocument {
  const match = /^([^=]+)=(.*)$/s.exec(assignment);
  if (!match) throw new UsageError(`--set wants PATH=VALUE; it got ${quoted(assignment)}.`);
  const changed = assign(document, match[1]!, parseValue(match[2]!));
  if (!changed) throw new UsageError(`--set: there is no ${match[1]} in this project.`);
  return changed;
}

/** The kind of that name, whatever its case, with its initial parameters; without a name the current one. */
function chosen<C extends { kind: string; params: Record<string, unknown> }>(
  what: string,
  kinds: readonly { readonly kind: string; readonly fields: Fields }[],
  current: C,
  name: string | undefined,
): C {
  if (name === undefined || name.toLowerCase() === current.kind.toLowerCase()) return current;
  const kind = kinds.find(other => other.kind.toLowerCase() === name.toLowerCase());
  if (!kind) {
    const known = kinds.map(other => other.kind);
    throw new UsageError(`There is no ${what} ${quoted(name)}. There are: ${known.join(', ')}.`);
  }
  return { ...current, kind: kind.kind, params: initialValues(kind.fields) };
}
