/** The memory that training the open document will take, asked of the studio a moment after each change. */
import { create } from 'zustand';
import type { Forecast } from '../../bridge/trialCalls.ts';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { studio } from './connection.ts';
import { wholeInferenceNow } from './documentInference.ts';
import { useDocument } from './openDocument.ts';

/** Milliseconds of quiet before the studio is asked. */
const QUIET_MS = 300;

/** Null where there is none: the document has errors, or the studio is away. */
export const useForecast = create<{ forecast: Forecast | null }>(() => ({ forecast: null }));

let timer: ReturnType<typeof setTimeout> | undefined;

export function refreshForecast(): void {
  clearTimeout(timer);
  timer = setTimeout(askForecast, QUIET_MS);
}

/** From now on the forecast is that of the open document. */
export function startForecast(): void {
  useDocument.subscribe((state, before) => {
    const [{ graph, training }, old] = [state.document, before.document];
    if (graph !== old.graph || training !== old.training) refreshForecast();
  });
}

async function askForecast(): Promise<void> {
  const { document } = useDocument.getState();
  const inference = wholeInferenceNow();
  let forecast: Forecast | null = null;
  if (inference.outputs.length > 0 && !diagnose(inference).some(({ severity }) => severity === 'error')) {
    // Whatever keeps the studio from an answer is shown where it arises; here the figure is just not known.
    forecast = await Promise.resolve()
      .then(() => studio().forecast(document))
      .catch(() => null);
  }
  if (document === useDocument.getState().document) useForecast.setState({ forecast });
}
