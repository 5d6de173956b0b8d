/** The only list of what the window is made of: each folder brings its part. A new place is one more line. */
import type { Contribution } from './actions/contribution.ts';
import { contribution as compare } from './compare/contribution.ts';
import { contribution as data } from './data/contribution.ts';
import { contribution as design } from './design/contribution.ts';
import { contribution as explain } from './explain/contribution.ts';
import { contribution as projects } from './projects/contribution.ts';
import { contribution as runs } from './runs/contribution.ts';
import { contribution as shell } from './shell/contribution.ts';
import { contribution as train } from './train/contribution.ts';

/** Places in the order of the rail; a dialog lies over those of the lines before. */
export const contributions: readonly Contribution[] = [
  shell,
  compare,
  projects,
  design,
  data,
  train,
  runs,
  explain,
];
