/** What Runs brings to the window. */
import { IconListDetails } from '@tabler/icons-react';
import type { Place } from '../actions/contribution.ts';
import { Runs } from './runsPage.tsx';
import { statusItems } from './statusItems.tsx';

export const contribution: Place = {
  name: 'runs',
  title: 'Runs',
  Icon: IconListDetails,
  Component: Runs,
  statusItems,
  hasOwnStatus: true,
};
