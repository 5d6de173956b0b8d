/** All actions: the one list that keys, menus, the command palette and the sheet of shortcuts ask. */

import { canvasActions } from '../design/canvasActions.ts';
import { explainActions } from '../explain/explainActions.ts';
import { windowActions } from '../shell/windowActions.ts';
import { useActivePage } from '../store/activePage.ts';
import type { Action } from './action.ts';
import { keysOf } from './bindings.ts';

export const actions: readonly Action[] = [...windowActions, ...explainActions, ...canvasActions];

const byId = new Map(actions.map(action => [action.id, action]));

/** @throws TypeError where no action is called so: a menu names one that there is not */
export function actionById(id: string): Action {
  const action = byId.get(id);
  if (!action) throw new TypeError(`There is no action “${id}”: name it in actions/, or name another.`);
  return action;
}

/** Whether an action can be taken now. */
export function isPossible({ scope, when }: Action): boolean {
  return (scope === 'window' || useActivePage.getState().place === 'design') && when?.() !== false;
}

/** The actions that keys stand for; more than one where each is for another moment. */
export function actionsWith(keys: string): readonly Action[] {
  return actions.filter(action => keysOf(action).includes(keys));
}

/** What these keys already mean, other than this action. */
export function conflictsWith(action: Action, keys: string): readonly Action[] {
  return actionsWith(keys).filter(other => other !== action);
}

/** Does what an action does, for who knows it by its name only. */
export function runAction(id: string): void {
  void actionById(id).run();
}
