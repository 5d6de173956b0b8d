/**
 * Names of weights as others write them, brought to one form in which they can be compared with ours: torchvision's
 * names with `_` for dots are the zoo's.
 */

/** Wrappers put their own name before all others: DataParallel `module.`, torch.compile `_orig_mod.`, scripts `model.`. */
function sharedPrefix(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) return '';
  // The last part names the weight, the one before it the layer.
  let length = Math.max(0, first.lastIndexOf('.', first.lastIndexOf('.') - 1) + 1);
  for (const name of names) {
    let same = 0;
    while (same < length && name[same] === first[same]) same++;
    length = same;
  }
  return length === 0 ? '' : first.slice(0, first.lastIndexOf('.', length - 1) + 1);
}

/** DenseNet's layers had dots in their names until torchvision 0.3: `denselayer1.norm.1.weight`. */
const OLD_DENSENET = /(denselayer\d+_(?:norm|relu|conv))_([12])_/;

/** In which dots and underscores are the same. */
export function comparable(name: string): string {
  return name.replaceAll('.', '_').replace(OLD_DENSENET, '$1$2_');
}

/**
 * What wrappers put before all names of a file.
 * @param ours comparable names of the network: what they begin with is none of a wrapper's
 */
export function wrapperPrefix(names: readonly string[], ours: Iterable<string>): string {
  const known = [...ours];
  let prefix = sharedPrefix(names);
  // What is left has to be the longest that names layers of the network, if any does.
  while (prefix !== '') {
    const shorter = prefix.slice(0, prefix.lastIndexOf('.', prefix.length - 2) + 1);
    const own = comparable(prefix.slice(shorter.length));
    if (!known.some(name => name.startsWith(own))) return prefix;
    prefix = shorter;
  }
  return prefix;
}

/** A counter of batches that PyTorch keeps beside running statistics; nothing of ours asks for it. */
export const isCounter = (name: string): boolean => /(^|\.)num_batches_tracked$/.test(name);

/** Of `layer1.0.conv1.weight`: the layer and its weight. */
export function layerAndWeight(name: string): readonly [layer: string, weight: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, Math.max(dot, 0)), name.slice(dot + 1)];
}
