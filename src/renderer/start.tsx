/** Draws the window into the page, for whichever host it runs in. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Host } from '../bridge/windowHost.ts';
import { App } from './app.tsx';
import { openLastProject } from './projects/projectActions.ts';
import { flush, recoverUnsent } from './store/autosave.ts';
import { stayConnected } from './store/connection.ts';
import { setHost } from './store/currentHost.ts';
import { refreshForecast } from './store/memoryForecast.ts';
import { useDocument } from './store/openDocument.ts';
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
        <Notifications position="bottom-right" transitionDuration={120} containerWidth={360} />
        <QuestionDialog />
        <App />
      </MantineProvider>
    </StrictMode>,
  );
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
