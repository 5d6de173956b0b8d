/** A file of weights that is not read: what is wrong in a sentence, and the way out. It does not name the file. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError';
}
