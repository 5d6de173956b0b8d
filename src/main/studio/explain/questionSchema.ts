/** The schema of Explain's questions, for validateCalls.ts. */
import { z } from 'zod';
import type { ExplainQuestion, LabQuestion } from '../../../bridge/explainCalls.ts';
import { recordOf } from '../../../engine/graph/collections.ts';
import { documentSchema } from '../../../engine/graph/document.ts';
import { idSchema as id } from '../../idSchema.ts';
import { exactly } from '../callTypes.ts';
import { labVariants } from './regularisationLab.ts';

/** The id of a layer, possibly inside blocks: `stage/1/conv`. */
const node = z.string().min(1).max(500);
const count = z.int().min(0);
const LARGEST_FILE = 64 * 2 ** 20;
const MOST_IMAGES = 256;

// Over whatever memory, as the contract has them.
const floats: z.ZodType<Float32Array> = z.instanceof(Float32Array);
const fileBytes: z.ZodType<Uint8Array> = z
  .instanceof(Uint8Array)
  .refine(bytes => bytes.length <= LARGEST_FILE, 'the file is too large');

const weights = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('seed') }),
  z.strictObject({ from: z.literal('run'), run: id, kind: z.enum(['best', 'last']) }),
  z.strictObject({ from: z.literal('given'), tensors: recordOf(z.string().max(500), floats) }),
]);

const image = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('dataset'), dataset: id, index: count }),
  z.strictObject({
    from: z.literal('file'),
    bytes: fileBytes,
  }),
  z.strictObject({ from: z.literal('values'), values: floats }),
]);

const subject = z.strictObject({ document: documentSchema, weights });
const images = z.array(image).min(1).max(MOST_IMAGES);
const place = z.tuple([count, count]);

export const questionSchema = exactly<ExplainQuestion>()(
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('probe'),
      subject,
      images,
      outputs: z.array(node).max(1000),
      gradient: z
        .strictObject({ from: node, channel: count.nullable(), at: place, of: z.array(node).max(1000) })
        .optional(),
    }),
    z.strictObject({ kind: z.literal('weights'), subject, node }),
    z.strictObject({ kind: z.literal('predict'), subject, images }),
    z.strictObject({
      kind: z.literal('attribute'),
      subject,
      image,
      target: count.nullable(),
      layer: node.nullable(),
    }),
    z.strictObject({
      kind: z.literal('occlude'),
      subject,
      image,
      target: count,
      patch: z.int().min(1).max(10_000),
      stride: z.int().min(1).max(10_000),
    }),
    z.strictObject({
      kind: z.literal('perturb'),
      subject,
      image,
      label: count,
      epsilon: z.number().min(0).max(1),
    }),
    z.strictObject({
      kind: z.literal('slide'),
      subject,
      image,
      size: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)]),
    }),
  ]),
);

export const labSchema = exactly<LabQuestion>()(
  z.strictObject({
    document: documentSchema,
    variants: z.array(z.enum(labVariants)).min(1).max(labVariants.length),
    epochs: z.int().min(1).max(200),
    images: z.int().min(8).max(10_000),
  }),
);
