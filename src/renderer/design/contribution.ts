/** What Design brings to the window. */
import { IconSchema } from '@tabler/icons-react';
import type { Place } from '../actions/contribution.ts';
import { canvasActions } from './canvasActions.ts';
import { Design } from './designPage.tsx';
import { forgetNameDrafts } from './nameDrafts.ts';
import { paletteSources } from './paletteSources.ts';
import { statusItems } from './statusItems.tsx';

export const contribution: Place = {
  name: 'design',
  title: 'Design',
  Icon: IconSchema,
  Component: Design,
  actions: canvasActions,
  actionOrder: 60,
  paletteSources,
  statusItems,
  projectChanged: forgetNameDrafts,
};
