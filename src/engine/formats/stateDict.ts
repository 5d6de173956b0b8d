/**
 * Finds the named tensors in what a file of torch.save holds: a state_dict by itself, or a checkpoint that holds one
 * beside the epoch, the optimizer and whatever else a script keeps.
 */
import { PickledDict } from './pickle.ts';
import { PickledTensor } from './torchPickle.ts';
import { WeightsError } from './weightsError.ts';

export interface NamedPickledTensors {
  readonly tensors: ReadonlyMap<string, PickledTensor>;
  /** Under which keys of a checkpoint they were found; none: they are all there is. */
  readonly within: readonly string[];
  /** What lies beside the state_dict. */
  readonly beside: readonly string[];
}

/** Where scripts keep the weights, the likeliest first. */
const STATE_DICT_KEYS = [
  'state_dict',
  'model_state_dict',
  'model',
  'net',
  'network',
  'module',
  'params',
  'weights',
];

/** A state_dict lies no deeper in a checkpoint. */
const DEEPEST_DICT = 3;
const MOST_TENSORS = 100_000;
const LONGEST_NAME = 1000;

interface Found {
  readonly dict: PickledDict;
  readonly within: readonly string[];
  readonly beside: readonly string[];
}

/** @throws WeightsError where there is no dict of tensors */
export function namedTensors(value: unknown): NamedPickledTensors {
  if (value instanceof PickledTensor)
    throw new WeightsError('The file holds one tensor without a name, no state_dict.');
  const found =
    value instanceof PickledDict ? stateDictIn({ dict: value, within: [], beside: [] }, new Set()) : null;
  if (!found)
    throw new WeightsError(
      'The file holds no weights by name: save the network with torch.save(model.state_dict(), "weights.pth").',
    );
  const tensors = tensorsIn(found.dict);
  if (tensors.size > MOST_TENSORS)
    throw new WeightsError(
      `The file has ${tensors.size} tensors, of which at most ${MOST_TENSORS} are read.`,
    );
  return { tensors, within: found.within, beside: found.beside };
}

function tensorsIn({ entries }: PickledDict): Map<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  for (const [name, value] of entries) {
    if (!(value instanceof PickledTensor)) continue;
    if (typeof name !== 'string' || name.length > LONGEST_NAME)
      throw new WeightsError(
        'The file is damaged: a tensor has no name, or one of more than a thousand letters.',
      );
    tensors.set(name, value);
  }
  return tensors;
}

const hasTensors = ({ entries }: PickledDict) => entries.values().some(each => each instanceof PickledTensor);

/** What the optimizer keeps is under numbers and never taken; a dict that holds itself is looked into once. */
function stateDictIn(at: Found, seen: Set<PickledDict>): Found | null {
  if (hasTensors(at.dict) && !STATE_DICT_KEYS.some(key => at.dict.entries.get(key) instanceof PickledDict))
    return at;
  if (seen.has(at.dict) || at.within.length >= DEEPEST_DICT) return null;
  seen.add(at.dict);
  const keys = [...at.dict.entries.keys()].filter(key => typeof key === 'string');
  const order = [
    ...STATE_DICT_KEYS.filter(key => keys.includes(key)),
    ...keys.filter(key => !STATE_DICT_KEYS.includes(key)),
  ];
  for (const key of order) {
    const dict = at.dict.entries.get(key);
    if (!(dict instanceof PickledDict) || key.startsWith('optim')) continue;
    const beside = [...at.beside, ...keys.filter(other => other !== key)];
    const found = stateDictIn({ dict, within: [...at.within, key], beside }, seen);
    if (found) return found;
  }
  return hasTensors(at.dict) ? at : null;
}
