/** Module names in code, from the signatures of the kinds. */
import type { LayerKind } from '../layers/layer.ts';
import { padModules } from '../layers/padding.ts';
import type { PaddingMode } from '../layers/paddingMode.ts';
import { layerKinds } from '../layers/registry.ts';
import type { TorchModule } from '../layers/torchForm.ts';

interface NamedModule {
  readonly kind: LayerKind;
  readonly form: TorchModule<Record<string, unknown>>;
  /** Whether it is the module of a frozen layer. */
  readonly isFrozen: boolean;
}

/** `nn.Conv2d` → `Conv2d`. */
const lastPart = (path: string) => path.split('.').at(-1)!;

/** The kinds by module name; several where one is a special case of another. */
export const modulesByName: ReadonlyMap<string, readonly NamedModule[]> = Map.groupBy(
  layerKinds().flatMap((kind): NamedModule[] => {
    if (!('module' in kind.pytorch)) return [];
    const form: NamedModule['form'] = kind.pytorch;
    const frozen = form.frozen ? [{ kind, form: { ...form, ...form.frozen }, isFrozen: true }] : [];
    return [{ kind, form, isFrozen: false }, ...frozen];
  }),
  ({ form }) => lastPart(form.module),
);

/** Modules for padding modes, which are not kinds here but a parameter of convolutions. */
export const padsByName: ReadonlyMap<string, PaddingMode> = new Map(
  (Object.keys(padModules) as PaddingMode[])
    .map(mode => [lastPart(padModules[mode].module), mode] as const)
    .filter(([name]) => !modulesByName.has(name)),
);

export const knownNames: readonly string[] = [
  ...modulesByName.keys(),
  ...padsByName.keys(),
  'Sequential',
  'OrderedDict',
];

/** The most similar name; undefined where none is similar. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map(known => ({ known, distance: distance(name.toLowerCase(), known.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.min(2, Math.ceil(name.length / 3)) ? best.known : undefined;
}

/** The Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
