/** Which keys run what: an action's own, or what a person gave it. Kept by the browser, beside the last project. */
import { z } from 'zod';
import { create } from 'zustand';
import type { Action } from './action.ts';

const KEPT_AS = 'receptive.shortcuts';

const bindingsSchema = z.record(z.string(), z.array(z.string().min(1).max(64)));

/** By an action's id, of those that were changed. */
type Bindings = z.infer<typeof bindingsSchema>;

export const useBindings = create<{ changed: Bindings }>(() => ({ changed: read() }));

function read(): Bindings {
  try {
    const parsed = bindingsSchema.safeParse(JSON.parse(localStorage.getItem(KEPT_AS) ?? '{}'));
    return parsed.success ? parsed.data : {};
  } catch {
    // What somebody else wrote there is no reason not to start.
    return {};
  }
}

function keep(changed: Bindings): void {
  useBindings.setState({ changed });
  localStorage.setItem(KEPT_AS, JSON.stringify(changed));
}

export function keysOf({ id, keys }: Pick<Action, 'id' | 'keys'>): readonly string[] {
  return useBindings.getState().changed[id] ?? keys;
}

/** Gives an action these keys, in place of all that it had. */
export function bind({ id }: Pick<Action, 'id'>, keys: readonly string[]): void {
  keep({ ...useBindings.getState().changed, [id]: [...keys] });
}

/** Gives an action its own keys back. */
export function resetKeys({ id }: Pick<Action, 'id'>): void {
  const { [id]: _, ...changed } = useBindings.getState().changed;
  keep(changed);
}

export function resetAllKeys(): void {
  keep({});
}
