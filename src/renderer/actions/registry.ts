/** What was contributed: the one list that rail, status bar, keys, menus, palette and sheet of shortcuts ask. */

import { goTo, useActivePage } from '../store/activePage.ts';
import type { Action } from './action.ts';
import { keysOf } from './bindings.ts';
import { type Contribution, isPlace, type Place } from './contribution.ts';

/** Of the actions that go to a place, among those that are contributed. */
const GO_TO_ORDER = 30;

interface Registered {
  readonly contributions: readonly Contribution[];
  readonly places: readonly Place[];
  readonly actions: readonly Action[];
  readonly byId: ReadonlyMap<string, Action>;
}

let registered: Registered = { contributions: [], places: [], actions: [], byId: new Map() };

/**
 * Takes what the window is made of, in place of what was there.
 * @throws TypeError where two contributions or two actions are called alike
 */
export function register(contributions: readonly Contribution[]): void {
  refuseTwins(contributions.map(({ name }) => name));
  const places = contributions.filter(isPlace);
  const ordered = [
    { order: GO_TO_ORDER, actions: places.map(goToPlace) },
    ...contributions.map(({ actionOrder, actions = [] }) => ({ order: actionOrder ?? Infinity, actions })),
  ];
  const actions = ordered
    .toSorted((a, b) => (a.order === b.order ? 0 : a.order - b.order))
    .flatMap(each => each.actions);
  refuseTwins(actions.map(({ id }) => id));
  registered = { contributions, places, actions, byId: new Map(actions.map(action => [action.id, action])) };
}

function refuseTwins(names: readonly string[]): void {
  const twin = names.find((name, i) => names.indexOf(name) < i);
  if (twin !== undefined) throw new TypeError(`“${twin}” is contributed twice: call one of them otherwise.`);
}

function goToPlace({ name, title }: Place): Action {
  return { id: `go-${name}`, group: 'Go to', title, keys: [], run: () => goTo(name) };
}

export const contributions = () => registered.contributions;

/** In the order of the rail. */
export const places = () => registered.places;

/** In the order of the palette. */
export const actions = () => registered.actions;

/** @throws TypeError where no place is called so: somebody went to one that there is not */
export function placeNamed(name: string): Place {
  const place = registered.places.find(each => each.name === name);
  if (!place) throw new TypeError(`There is no place “${name}”: contribute it, or name another.`);
  return place;
}

/** @throws TypeError where no action is called so: a menu names one that there is not */
export function actionById(id: string): Action {
  const action = registered.byId.get(id);
  if (!action) throw new TypeError(`There is no action “${id}”: contribute it, or name another.`);
  return action;
}

/** Does what an action does, for who knows it by its id only: another place's, say. */
export function runAction(id: string): void {
  void actionById(id).run();
}

/** Whether an action can be taken now. */
export function isPossible({ place, when }: Action): boolean {
  return (place === undefined || useActivePage.getState().place === place) && when?.() !== false;
}

/** The actions that keys stand for; more than one where each is for another moment. */
export function actionsWith(keys: string): readonly Action[] {
  return actions().filter(action => keysOf(action).includes(keys));
}

/** What these keys already mean, other than this action. */
export function conflictsWith(action: Action, keys: string): readonly Action[] {
  return actionsWith(keys).filter(other => other !== action);
}
