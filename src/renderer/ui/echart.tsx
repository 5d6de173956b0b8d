/**
 * An ECharts chart of the kinds that the window draws: parallel coordinates and scatter. Loaded when one is looked at.
 */
import { useComputedColorScheme } from '@mantine/core';
import { ParallelChart, ScatterChart } from 'echarts/charts';
import { GridComponent, ParallelComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useEffectEvent, useRef } from 'react';
import { colour } from './curvePlot.ts';

use([ParallelChart, ScatterChart, ParallelComponent, GridComponent, TooltipComponent, CanvasRenderer]);

export type Paint = (token: string) => string;

interface EChartProps {
  /** Says in words what is to be seen. */
  label: string;
  /** Made anew when the theme changes; `paint` gives a token's colour. */
  option: (paint: Paint) => EChartsCoreOption;
  /** What a hand drew on it stays when the option changes: that must have the same components. */
  keeps?: boolean;
  /** Called once for each chart, to listen to it. */
  onReady?: (chart: EChartsType) => void;
}

export function EChart({ label, option, keeps = false, onReady }: EChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const tell = useEffectEvent((made: EChartsType) => onReady?.(made));
  const scheme = useComputedColorScheme();
  useEffect(() => {
    const made = init(frame.current);
    chart.current = made;
    tell(made);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(frame.current!);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours follow the scheme
  useEffect(() => chart.current?.setOption(option(colour), { notMerge: !keeps }), [option, scheme]);
  return <div ref={frame} className="echart" role="img" aria-label={label} />;
}
