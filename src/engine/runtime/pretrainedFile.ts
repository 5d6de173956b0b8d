/** Where the trained weights that come with the program lie. */
import type { ProjectDocument } from '../graph/document.ts';
import { pretrained } from '../graph/pretrained.ts';
import { resource } from './fileLocation.ts';

/** The safetensors file that a document begins with; null where its weights are drawn by the seed. */
export function pretrainedFile({ training }: ProjectDocument): string | null {
  const known = pretrained(training.start.weights);
  return known ? resource(`pretrained/${known.name}.safetensors`) : null;
}
