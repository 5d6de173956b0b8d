/**
 * Validates the arguments of every call, before anything else sees them. What comes over a channel may be anything;
 * validated arguments have the types of contract.ts.
 */
import { z } from 'zod';
import type { StudioCalls } from '../../bridge/contract.ts';
import { listOf, recordOf } from '../../engine/graph/collections.ts';
import {
  blockSchema,
  bounded,
  documentSchema,
  nodeIdSchema,
  trainingSchema,
} from '../../engine/graph/document.ts';
import { explained } from '../errorSentences.ts';
import { idSchema as id } from '../idSchema.ts';
import { epochsSchema as epochs, sweepPlanSchema } from '../sweepPlanSchema.ts';
import { UserError } from '../userError.ts';
import { schemasOf } from './callTypes.ts';
import { labSchema, questionSchema } from './explain/questionSchema.ts';

const name = z.string().trim().min(1).max(200);
const path = z.string().min(1).max(4096);
const count = z.int().min(0);
const split = z.enum(['train', 'val', 'test']);
const format = z.enum(['folders', 'csv', 'idx', 'cifar', 'coco', 'masks']);
const side = z.int().min(1).max(4096);
const preparation = z.strictObject({
  size: z.strictObject({ height: side, width: side }).nullable(),
  fit: z.enum(['contain', 'cover', 'fill']),
  colour: z.enum(['auto', 'grey', 'rgb']),
  normalise: z.enum(['dataset', 'imagenet', 'half', 'none']),
});
const share = z.number().min(0).max(0.9);
const shares = { val: share, test: share, seed: z.int() };
const splitRule = z.union([
  z.strictObject({ by: z.literal('source'), ...shares }),
  z.strictObject({ by: z.literal('ratio'), ...shares }),
  z.strictObject({ by: z.literal('list'), val: listOf(z.string()), test: listOf(z.string()) }),
]);
/** Each of them once, however often it is named. */
const ids = z
  .array(id)
  .min(1)
  .max(100_000)
  .transform(list => [...new Set(list)]);

const learningRate = z.number().positive().max(1000);

/** The arguments of each call, in order. */
const schemas = schemasOf<StudioCalls>()({
  snapshot: z.tuple([]),
  createProject: z.tuple([documentSchema]),
  openProject: z.tuple([id]),
  updateProject: z.tuple([id, documentSchema, count]),
  saveProject: z.tuple([id]),
  deleteProject: z.tuple([id]),
  importProject: z.tuple([z.string().max(50_000_000)]),
  exportProject: z.tuple([id]),
  forecast: z.tuple([documentSchema]),
  preflight: z.tuple([documentSchema]),
  findLearningRate: z.tuple([z.strictObject({ project: id })]),
  cancelTrial: z.tuple([]),
  keepBlock: z.tuple([
    bounded(z.strictObject({ name, block: nodeIdSchema, blocks: recordOf(nodeIdSchema, blockSchema) })),
  ]),
  deleteLibraryBlock: z.tuple([id]),
  listFolder: z.tuple([path.nullable()]),
  importDataset: z.tuple([
    z.strictObject({
      path,
      name,
      format: format.exactOptional(),
      preparation: preparation.exactOptional(),
      like: id.exactOptional(),
    }),
  ]),
  recogniseFolder: z.tuple([path]),
  renewDataset: z.tuple([id]),
  editImages: z.tuple([
    id,
    listOf(
      z.strictObject({ index: count, label: count.exactOptional(), split: split.nullable().exactOptional() }),
    ),
  ]),
  splitDataset: z.tuple([id, splitRule]),
  restoreVersion: z.tuple([id, count]),
  clearCache: z.tuple([id]),
  previewAugmentations: z.tuple([
    id,
    z.strictObject({
      images: z.array(count).min(1).max(64),
      augmentations: trainingSchema.shape.augmentations.unwrap(),
      seed: z.int(),
      epoch: count,
    }),
  ]),
  beginUpload: z.tuple([name]),
  finishUpload: z.tuple([id]),
  cancelUpload: z.tuple([id]),
  dataset: z.tuple([id]),
  maskCounts: z.tuple([id]),
  datasetImages: z.tuple([
    id,
    z.strictObject({
      split: z.enum(['train', 'val', 'test', 'none']).nullable(),
      label: count.nullable(),
      flag: z.enum(['constant', 'extreme', 'duplicate', 'near', 'leak']).nullable().exactOptional(),
      offset: count,
      limit: z.int().min(1).max(1000),
    }),
  ]),
  datasetImage: z.tuple([id, count]),
  deleteDataset: z.tuple([id]),
  cancelJob: z.tuple([id]),
  startRun: z.tuple([z.strictObject({ project: id, name: name.nullable() })]),
  pauseRun: z.tuple([id]),
  resumeRun: z.tuple([id]),
  stopRun: z.tuple([id]),
  setLearningRate: z.tuple([id, learningRate]),
  run: z.tuple([id]),
  earlierRuns: z.tuple([z.strictObject({ startedAt: z.number(), id })]),
  runMetrics: z.tuple([id, z.strictObject({ step: count, epoch: count })]),
  runHealth: z.tuple([id, count]),
  runEvaluation: z.tuple([id, split]),
  runSamples: z.tuple([id]),
  renameRun: z.tuple([id, name]),
  queueRuns: z.tuple([z.strictObject({ project: id, seeds: z.int().min(1).max(100) })]),
  fineTune: z.tuple([
    z.strictObject({ project: id, origin: id, frozen: z.array(nodeIdSchema).max(20_000), learningRate }),
  ]),
  extendRun: z.tuple([id, epochs]),
  moveQueued: z.tuple([id, id.nullable()]),
  cancelQueued: z.tuple([ids]),
  startSweep: z.tuple([z.strictObject({ project: id, name: name.nullable(), plan: sweepPlanSchema })]),
  restoreRun: z.tuple([id]),
  answeredImages: z.tuple([
    id,
    z.strictObject({
      split,
      label: count.nullable(),
      answered: count.nullable(),
      offset: count,
      limit: z.int().min(1).max(1000),
    }),
  ]),
  pairedAnswers: z.tuple([id, id, split]),
  annotateRuns: z.tuple([
    ids,
    z.strictObject({
      notes: z.string().max(10_000).optional(),
      tags: z.array(z.string().trim().min(1).max(50)).max(50).optional(),
      archived: z.boolean().optional(),
    }),
  ]),
  deleteRuns: z.tuple([ids]),
  bringBackRuns: z.tuple([ids]),
  explain: z.tuple([id, questionSchema]),
  runLab: z.tuple([id, labSchema]),
  cancelExplain: z.tuple([id]),
});

type AnyCall = (...args: unknown[]) => Promise<unknown>;

/**
 * The same calls, each refusing arguments that are not what the contract says, and saying in a sentence what the disk
 * or the database refused.
 *
 * @param folder of the workspace
 */
export function guard(calls: StudioCalls, folder: string): StudioCalls {
  const guarded = Object.entries(schemas).map(([call, schema]) => {
    const answer = calls[call as keyof StudioCalls] as AnyCall;
    const checked: AnyCall = async (...args) => {
      const parsed = schema.safeParse(args);
      if (parsed.success)
        return answer(...parsed.data).catch((error: unknown) => Promise.reject(explained(error, folder)));
      const { path: place, message } = parsed.error.issues[0]!;
      const where = place.length ? ` at ${shortened(place.join('.'))}` : '';
      throw new UserError(`${call} was called wrongly${where}: ${shortened(message)}.`);
    };
    return [call, checked];
  });
  return Object.fromEntries(guarded) as StudioCalls;
}

/** A message that was made to be wrong can be wrong at length. */
function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
