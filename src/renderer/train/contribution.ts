/** What Train brings to the window. */
import { IconChartLine } from '@tabler/icons-react';
import type { Place } from '../actions/contribution.ts';
import { goTo } from '../store/activePage.ts';
import { byRecency, useStudio } from '../store/studioState.ts';
import { forgetTraining, showRun } from '../store/trainingRun.ts';
import { train } from './trainActions.ts';
import { Train } from './trainPage.tsx';

export const contribution: Place = {
  name: 'train',
  title: 'Train',
  Icon: IconChartLine,
  Component: Train,
  actions: [{ id: 'train', group: 'Do', title: 'Train', keys: ['Ctrl+Enter'], run: train }],
  actionOrder: 10,
  projectChanged: forgetTraining,
  paletteSources: [
    {
      order: 60,
      entries: () =>
        byRecency(useStudio.getState().runs).map(({ id, name }) => ({
          group: 'Run',
          title: name,
          run: () => {
            showRun(id);
            goTo('train');
          },
        })),
    },
  ],
};
