/** Choosing what is laid over the canvas, in the status bar; and the scale that its heat is read by. */
import { SegmentedControl } from '@mantine/core';
import { useInference } from '../store/documentInference.ts';
import { useFindings } from '../store/layerHealth.ts';
import { useDocument } from '../store/openDocument.ts';
import { useCanvas, useOverlay } from './canvasState.ts';
import { HealthLegend } from './healthOverlay.tsx';
import { OVERLAYS, type OverlayName, overlays, scaleOf } from './overlays.ts';

export function OverlayChoice() {
  const overlay = useOverlay();
  const hasHealth = useFindings(({ byNode }) => byNode.size > 0);
  const offered = OVERLAYS.filter(name => name !== 'health' || hasHealth);
  return (
    <SegmentedControl
      className="overlay-choice"
      size="xs"
      aria-label="Shown over the canvas"
      data={offered.map(name => ({ value: name, label: overlays[name].title }))}
      value={overlay}
      onChange={value => useCanvas.setState({ overlay: value as OverlayName })}
    />
  );
}

export function HeatLegend() {
  const overlay = useOverlay();
  const batch = useDocument(state => state.document.training.batchSize);
  const inference = useInference();
  const scale = scaleOf(inference, overlay, batch);
  const { legend, text } = overlays[overlay];
  if (overlay === 'health') return <HealthLegend />;
  if (!scale || !legend) return null;
  return (
    <section className="heat-legend" aria-label="Scale of the heat">
      <p>
        {legend(batch)}
        {scale.logarithmic && <span className="tiny"> · logarithmic</span>}
      </p>
      <i className="heat-scale" />
      <p className="heat-ends">
        <span>{text(scale.low, null)}</span>
        <span>{text(scale.high, null)}</span>
      </p>
    </section>
  );
}
