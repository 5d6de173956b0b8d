/** What Explain brings to the window. */
import { IconZoomScan } from '@tabler/icons-react';
import type { Place } from '../actions/contribution.ts';
import { explainActions } from './explainActions.ts';
import { Explain } from './explainPage.tsx';
import { forgetSubject } from './explainState.ts';

export const contribution: Place = {
  name: 'explain',
  title: 'Explain',
  Icon: IconZoomScan,
  Component: Explain,
  actions: explainActions,
  actionOrder: 50,
  projectChanged: forgetSubject,
};
