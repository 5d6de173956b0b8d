/** Draws the window into the page, for whichever host it runs in. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Host } from '../bridge/windowHost.ts';
import { App } from './app.tsx';
import { contributions } from './places.ts';
import { openLastProject } from './projects/projectActions.ts';
import { flush, recoverUnsent, startAutosave } from './store/autosave.ts';
import { stayConnected } from './store/connection.ts';
import { setHost } from './store/currentHost.ts';
import { startHealth } from './store/layerHealth.ts';
import { refreshForecast, startForecast } from './store/memoryForecast.ts';
import { useDocument } from './store/openDocument.ts';
import { queries } from './store/pulled.ts';
import { startCurves } from './store/runCurves.ts';
import { cssVariables, theme } from './styles/theme.ts';
import { QuestionDialog } from './ui/confirm.tsx';
import { attempt } from './ui/toast.tsx';
import '@fontsource-variable/inter';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/widgets.css';

export function start(host: Host): void {
  setHost(host);
  followColorScheme();
  startReactions();
  void stayConnected(() => {
    if (useDocument.getState().project === null) void openFirst();
    // What the studio missed while it was away; a refusal stands in the status bar.
    else flush().catch(() => undefined);
    refreshForecast();
  });
  const root = document.getElementById('root');
  if (!root) throw new TypeError('the page has no #root to draw into');
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <Notifications position="bottom-right" transitionDuration={120} containerWidth={360} />
          <QuestionDialog />
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

/** What acts by itself when something changes, in this order. What only follows from the document is derive.ts's. */
function startReactions(): void {
  startAutosave();
  startForecast();
  startHealth();
  startCurves();
  for (const { start } of contributions) start?.();
  useDocument.subscribe((state, before) => {
    if (state.project === before.project) return;
    for (const { projectChanged } of contributions) projectChanged?.();
  });
}

/** What was left unsent goes first, so that the project opens with it. */
async function openFirst(): Promise<void> {
  await attempt(recoverUnsent, 'What was drawn last could not be brought back');
  await openLastProject();
}

/** Sets the colour scheme before the first paint; from then on the provider follows the system. */
function followColorScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
}
