/** Everything that the command palette offers, as it stands when it is opened: all actions, and what there is. */
import { keysOf } from '../actions/bindings.ts';
import { actions, contributions, isPossible } from '../actions/registry.ts';

export interface PaletteCommand {
  id: string;
  group: string;
  title: string;
  shortcut?: string;
  /** What a person may type to find it, in small letters. */
  search: string;
  run: () => void;
}

export function commands(): PaletteCommand[] {
  const sources = contributions().flatMap(({ paletteSources = [] }) => paletteSources);
  return [
    ...actions()
      .filter(isPossible)
      .map(action => ({
        ...command(action.group, action.title, action.run, keysOf(action)[0]),
        search: `${action.group} ${action.title} ${keysOf(action).join(' ')}`.toLowerCase(),
      })),
    ...sources
      .toSorted((a, b) => a.order - b.order)
      .flatMap(source => source.entries())
      .map(({ group, title, run }) => command(group, title, run)),
  ].map((item, i) => ({ ...item, id: String(i) }));
}

function command(
  group: string,
  title: string,
  run: () => unknown,
  shortcut?: string,
): Omit<PaletteCommand, 'id'> {
  return {
    group,
    title,
    ...(shortcut === undefined ? {} : { shortcut }),
    search: `${group} ${title}`.toLowerCase(),
    run: () => void run(),
  };
}
