/**
 * Judges a layer's figures in training: whether gradients reach it, whether it learns at a reasonable rate, how many of
 * its channels are dead. Heuristics from a single step: they tell where to look, not how the run will end.
 */

/** Figures of a layer at one step; missing where they do not apply. */
export interface LayerHealth {
  /** The layer's PyTorch name: `stage.1.conv`. */
  readonly node: string;
  /** Euclidean norm of the gradients of all its weights. */
  readonly gradientNorm?: number;
  readonly weightNorm?: number;
  /** Norm of the update relative to the norm of the weights. */
  readonly updateRatio?: number;
  /** For ReLU and ReLU6: the share of channels without a positive value in the batch. */
  readonly dead?: number;
}

export type HealthFigure = 'gradientNorm' | 'updateRatio' | 'dead';

/** From good to bad. */
export const WELLNESS = ['good', 'watch', 'ill'] as const;

export type Wellness = (typeof WELLNESS)[number];

/** A finding about one figure of a layer. */
export interface HealthFinding {
  readonly layer: string;
  readonly figure: HealthFigure;
  readonly value: number;
  readonly wellness: Wellness;
  /** What it means, and what can be done about it: one or two sentences. */
  readonly text: string;
}

/**
 * Thresholds. Updates of about a thousandth of the weights are good (Karpathy, CS231n notes, "Neural Networks Part 3",
 * ratio of weights to updates); with momentum, networks begin at some hundredths and learn well.
 */
export const HEALTH_LIMITS = {
  updateRatio: { soundAbout: 1e-3, small: 1e-5, large: 3e-2, tooLarge: 0.3 },
  /** `faint` and `lost` relative to the largest gradient norm of all layers; `large` and `tooLarge` absolute. */
  gradientNorm: { faint: 1e-4, lost: 1e-6, large: 100, tooLarge: 10_000 },
  /** Shares of channels. With a small batch, up to a third in a healthy ReLU before the scores. */
  dead: { many: 0.5, most: 0.9 },
} as const;

type Judgement = Pick<HealthFinding, 'wellness' | 'text'>;

/** @returns the findings by layer, worst first; at least one per layer */
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
