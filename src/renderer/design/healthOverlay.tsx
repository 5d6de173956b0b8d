/**
 * The health of layers in training, laid over the canvas: one figure of each layer, the worst, tinted by what it
 * says; the legend that explains the tints; and all figures of the selected node.
 */
import type { NodeId } from '../../engine/graph/document.ts';
import {
  HEALTH_LIMITS,
  type HealthFigure,
  type HealthFinding,
  WELLNESS,
  type Wellness,
} from '../../engine/graph/healthFindings.ts';
import { useFindings, useHealth } from '../store/layerHealth.ts';
import { useScope } from '../store/openDrawing.ts';
import { isActive } from '../store/studioState.ts';
import { count, decimal, percent } from '../ui/numberFormat.ts';
import './healthOverlay.css';

const titles: Readonly<Record<HealthFigure, string>> = {
  updateRatio: 'Update ratio',
  gradientNorm: 'Gradient norm',
  dead: 'Dead channels',
};

const signs: Readonly<Record<HealthFigure, string>> = { updateRatio: 'Δ', gradientNorm: '∇', dead: 'dead' };

const wellnessText: Readonly<Record<Wellness, string>> = {
  good: 'sound',
  watch: 'worth a look',
  ill: 'in trouble',
};

/** The worst that is found of a drawn node; undefined where nothing is, or nothing is asked for. */
export function useWorst(id: NodeId, wanted: boolean): HealthFinding | undefined {
  const scope = useScope(state => state.scope);
  return useFindings(({ byNode }) => (wanted ? byNode.get(scope + id)?.[0] : undefined));
}

/** `Δ 0.0012`, `dead 44 %` */
export function findingText({ figure, value }: HealthFinding): string {
  return `${signs[figure]} ${valueText(figure, value)}`;
}

/** The whole of it, as a tooltip. */
export function findingTitle({ layer, figure, value, text, wellness }: HealthFinding): string {
  return `${layer}, ${wellnessText[wellness]}: ${titles[figure].toLowerCase()} ${valueText(figure, value)}. ${text}`;
}

function valueText(figure: HealthFigure, value: number): string {
  return figure === 'dead' ? percent(value) : decimal(value, 2);
}

/** What a node's tint is on the minimap. */
export function wellnessColor(wellness: Wellness): string {
  return `var(--health-${wellness})`;
}

export function HealthLegend() {
  const { run, step } = useHealth();
  if (!run) return null;
  return (
    <section className="heat-legend health-legend" aria-label="Health of the layers">
      <p className="truncate" title={run.name}>
        Health of {run.name}
      </p>
      <p className="tiny">
        Step {count(step)}
        {isActive(run) && ' · live'}
      </p>
      <ul className="health-tints">
        {WELLNESS.map(wellness => (
          <li key={wellness}>
            <i className="swatch" style={{ background: wellnessColor(wellness) }} /> {wellnessText[wellness]}
          </li>
        ))}
      </ul>
      <details>
        <summary>What the figures mean</summary>
        <Lines />
      </details>
    </section>
  );
}

/** Each figure, and where its lines lie. */
function Lines() {
  const { updateRatio, gradientNorm, dead } = HEALTH_LIMITS;
  const small = (value: number) => decimal(value, 1);
  return (
    <dl className="health-lines">
      <dt>{signs.updateRatio}</dt>
      <dd>
        How far a step moves the weights, as a share of them. Best near {small(updateRatio.soundAbout)}. Look
        below {small(updateRatio.small)} and above {small(updateRatio.large)}, trouble above{' '}
        {small(updateRatio.tooLarge)}.
      </dd>
      <dt>{signs.gradientNorm}</dt>
      <dd>
        Length of the gradient, where it vanishes (below {small(gradientNorm.faint)} of the network’s largest,
        trouble below {small(gradientNorm.lost)}) or explodes (above {count(gradientNorm.large)}, trouble
        above {count(gradientNorm.tooLarge)}).
      </dd>
      <dt>{signs.dead}</dt>
      <dd>
        Channels that no image of the batch turns on. Look from {percent(dead.many)}, trouble from{' '}
        {percent(dead.most)}.
      </dd>
    </dl>
  );
}

/** How many findings of a copy of a block are listed: the worst. */
const LISTED_FINDINGS = 6;

/** All that is found of the selected node, in the inspector. */
export function HealthSection({ id }: { id: NodeId }) {
  const scope = useScope(state => state.scope);
  const findings = useFindings(({ byNode }) => byNode.get(scope + id));
  const { run, step } = useHealth();
  if (!findings || !run) return null;
  const isBlock = findings.some(({ layer }) => layer !== findings[0]!.layer);
  return (
    <section className="section" aria-label="Health in training">
      <h2>Health in training</h2>
      <p className="tiny">
        {run.name}, step {count(step)}
      </p>
      <dl>
        {findings.slice(0, LISTED_FINDINGS).map(({ layer, figure, value, text, wellness }) => (
          <div key={`${layer} ${figure}`} className="figure health-figure">
            <dt>{isBlock ? `${layer}: ${titles[figure].toLowerCase()}` : titles[figure]}</dt>
            <dd>
              {valueText(figure, value)}{' '}
              <i
                className="swatch"
                role="img"
                aria-label={wellnessText[wellness]}
                style={{ background: wellnessColor(wellness) }}
              />
            </dd>
            <dd className="tiny">{text}</dd>
          </div>
        ))}
      </dl>
      {findings.length > LISTED_FINDINGS && (
        <p className="tiny">{count(findings.length - LISTED_FINDINGS)} more, none of them worse.</p>
      )}
    </section>
  );
}
