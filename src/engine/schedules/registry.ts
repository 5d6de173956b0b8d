/** The registry of schedules: one line each. */
import { constant } from './constant.ts';
import { cosineAnnealingLr } from './cosineAnnealingLr.ts';
import { exponentialLr } from './exponentialLr.ts';
import { multiStepLr } from './multiStepLr.ts';
import { oneCycleLr } from './oneCycleLr.ts';
import { reduceLrOnPlateau } from './reduceLrOnPlateau.ts';
import type { ScheduleKind } from './schedule.ts';
import { stepLr } from './stepLr.ts';

const kinds: readonly ScheduleKind[] = [
  constant,
  stepLr,
  multiStepLr,
  exponentialLr,
  cosineAnnealingLr,
  oneCycleLr,
  reduceLrOnPlateau,
];

export function scheduleKinds(): readonly ScheduleKind[] {
  return kinds;
}

export function scheduleKind(name: string): ScheduleKind | undefined {
  return kinds.find(kind => kind.kind === name);
}
