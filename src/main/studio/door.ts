/**
 * The studio's door: every call's arguments are checked here, once, before anything else sees them. What comes
 * over a channel may be anything; behind the door it is what contract.ts says.
 */
import { z } from 'zod';
import type { StudioCalls } from '../../bridge/contract.ts';
import { blockSchema, documentSchema } from '../../engine/graph/document.ts';
import { UserError } from '../userError.ts';
import { labSchema, questionSchema } from './explain/schema.ts';

const id = z.string().min(1).max(64);
const name = z.string().trim().min(1).max(200);
const path = z.string().min(1).max(4096);
const count = z.int().min(0);

/** The arguments of each call, in order. */
const schemas = {
  snapshot: z.tuple([]),
  createProject: z.tuple([documentSchema]),
  openProject: z.tuple([id]),
  updateProject: z.tuple([id, documentSchema, count]),
  saveProject: z.tuple([id]),
  deleteProject: z.tuple([id]),
  importProject: z.tuple([z.string().max(50_000_000)]),
  exportProject: z.tuple([id]),
  forecast: z.tuple([documentSchema]),
  keepBlock: z.tuple([z.strictObject({ name, block: id, blocks: z.record(id, blockSchema) })]),
  deleteLibraryBlock: z.tuple([id]),
  listFolder: z.tuple([path.nullable()]),
  importDataset: z.tuple([z.strictObject({ path, name })]),
  beginUpload: z.tuple([name]),
  finishUpload: z.tuple([id]),
  cancelUpload: z.tuple([id]),
  dataset: z.tuple([id]),
  datasetImages: z.tuple([
    id,
    z.strictObject({
      split: z.enum(['train', 'val', 'test']).nullable(),
      label: count.nullable(),
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
  setLearningRate: z.tuple([id, z.number().positive().max(1000)]),
  run: z.tuple([id]),
  runMetrics: z.tuple([id, z.strictObject({ step: count, epoch: count })]),
  runHealth: z.tuple([id, count]),
  renameRun: z.tuple([id, name]),
  deleteRun: z.tuple([id]),
  explain: z.tuple([id, questionSchema]),
  runLab: z.tuple([id, labSchema]),
  cancelExplain: z.tuple([id]),
} satisfies { [K in keyof StudioCalls]: z.ZodType<Parameters<StudioCalls[K]>> };

type AnyCall = (...args: unknown[]) => Promise<unknown>;

/** The same calls, each refusing arguments that are not what the contract says. */
export function guard(calls: StudioCalls): StudioCalls {
  const guarded = Object.entries(schemas).map(([call, schema]) => {
    const answer = calls[call as keyof StudioCalls] as AnyCall;
    const checked: AnyCall = async (...args) => {
      const parsed = schema.safeParse(args);
      if (parsed.success) return answer(...parsed.data);
      const { path: place, message } = parsed.error.issues[0]!;
      throw new UserError(
        `${call} was called wrongly${place.length ? ` at ${place.join('.')}` : ''}: ${message}.`,
      );
    };
    return [call, checked];
  });
  return Object.fromEntries(guarded) as StudioCalls;
}
