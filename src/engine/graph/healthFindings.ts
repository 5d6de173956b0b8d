/**
 * What the figures of a layer in training say of it: whether gradients reach it, whether it learns at a sound pace,
 * whether its channels live. Rules of thumb, of one step: a look at them tells where to look, not what will become
 * of the run.
 */

/** How a layer fares at one step of training. What it has none of is left out. */
export interface LayerHealth {
  /** The layer's name, as PyTorch calls it: `stage.1.conv`. */
  readonly node: string;
  /** Euclidean length of the gradients of all its weights. */
  readonly gradientNorm?: number;
  readonly weightNorm?: number;
  /** How far its weights moved, as a share of their length. */
  readonly updateRatio?: number;
  /** Of a layer that cuts off below zero: the share of its channels that were above it nowhere in the batch. */
  readonly dead?: number;
}

export type HealthFigure = 'gradientNorm' | 'updateRatio' | 'dead';

/** From sound to bad. */
export const WELLNESS = ['good', 'watch', 'ill'] as const;

export type Wellness = (typeof WELLNESS)[number];

/** One figure of a layer, judged. */
export interface HealthFinding {
  readonly layer: string;
  readonly figure: HealthFigure;
  readonly value: number;
  readonly wellness: Wellness;
  /** What it says, and what can be done where it is bad: one sentence or two. */
  readonly text: string;
}

/**
 * Where the lines lie. Updates of about a thousandth of the weights are sound (Karpathy, CS231n notes, "Neural
 * Networks Part 3", ratio of weights to updates); networks with momentum begin at some hundredths and learn well.
 */
export const HEALTH_LIMITS = {
  updateRatio: { soundAbout: 1e-3, small: 1e-5, large: 3e-2, tooLarge: 0.3 },
  /** `faint` and `lost` as shares of the largest gradient norm among the layers; `large` and `tooLarge` as they are. */
  gradientNorm: { faint: 1e-4, lost: 1e-6, large: 100, tooLarge: 10_000 },
  /** Shares of the channels. In one small batch a sound ReLU before the scores may have a third of them. */
  dead: { many: 0.5, most: 0.9 },
} as const;

type Judgement = Pick<HealthFinding, 'wellness' | 'text'>;

/** @returns what is found of each layer by its name, the worst first; every layer has at least one finding */
export function judgeHealth(layers: readonly LayerHealth[]): ReadonlyMap<string, readonly HealthFinding[]> {
  const largest = Math.max(0, ...layers.map(({ gradientNorm }) => gradientNorm ?? 0).filter(Number.isFinite));
  const judges: Record<HealthFigure, (value: number) => Judgement> = {
    updateRatio: judgeUpdate,
    gradientNorm: value => judgeGradient(value, largest),
    dead: judgeDead,
  };
  const found = new Map<string, HealthFinding[]>();
  for (const layer of layers) {
    const findings = found.get(layer.node) ?? [];
    found.set(layer.node, findings);
    for (const [figure, judge] of Object.entries(judges) as [HealthFigure, (value: number) => Judgement][]) {
      const value = layer[figure];
      if (value !== undefined) findings.push({ layer: layer.node, figure, value, ...judge(value) });
    }
  }
  for (const findings of found.values()) findings.sort(worstFirst);
  return found;
}

export function worstFirst(a: HealthFinding, b: HealthFinding): number {
  return WELLNESS.indexOf(b.wellness) - WELLNESS.indexOf(a.wellness);
}

const good = (text: string): Judgement => ({ wellness: 'good', text });
const watch = (text: string): Judgement => ({ wellness: 'watch', text });
const ill = (text: string): Judgement => ({ wellness: 'ill', text });

function judgeUpdate(ratio: number): Judgement {
  const { small, large, tooLarge } = HEALTH_LIMITS.updateRatio;
  if (!(ratio <= tooLarge)) return ill('Each step all but rewrites the layer. Lower the learning rate.');
  if (ratio > large)
    return watch('Steps are large for this layer. A lower learning rate or a warm-up may be steadier.');
  if (ratio < small)
    return watch('The layer hardly moves: no gradient reaches it, or the learning rate is small for it.');
  return good('Steps are neither too large nor too small for it.');
}

function judgeGradient(norm: number, largest: number): Judgement {
  const { faint, lost, large, tooLarge } = HEALTH_LIMITS.gradientNorm;
  if (!(norm <= tooLarge))
    return ill('The gradient explodes. Clip it to a largest norm, or lower the learning rate.');
  if (norm > large)
    return watch('The gradient is large. Clipping to a largest norm keeps one batch from harm.');
  if (norm <= lost * largest)
    return ill('No gradient to speak of arrives: it vanishes on its way back, or what follows is dead.');
  if (norm < faint * largest)
    return watch('Little of the gradient arrives. Normalisation, ReLUs or shortcuts let more of it through.');
  return good('Gradients reach it.');
}

function judgeDead(share: number): Judgement {
  const { many, most } = HEALTH_LIMITS.dead;
  if (share >= most)
    return ill(
      'Nearly all channels are zero for every image of the batch, and no gradient passes them. Lower the learning rate, or use LeakyReLU.',
    );
  if (share >= many)
    return watch('Many channels are zero for every image of the batch. If they stay so, they are lost.');
  return good('Its channels are alive.');
}
