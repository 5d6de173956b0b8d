/** The menu under the right button: the same actions that shortcuts and the command palette run. */
import { Menu } from '@mantine/core';
import { create } from 'zustand';
import type { Position } from '../../engine/graph/edits.ts';
import { keysOf } from '../actions/bindings.ts';
import { actionById, isPossible } from '../actions/registry.ts';
import { shortcutText } from '../ui/shortcut.ts';
import { pointerIsAt } from './canvasView.ts';

type ContextMenuTarget = 'items' | 'edge' | 'canvas';

/** Groups of actions, by id; a group with a title opens as a menu of its own. */
type Group = readonly string[] | { readonly title: string; readonly ids: readonly string[] };

const ARRANGE: Group = {
  title: 'Arrange',
  ids: [
    'align-left',
    'align-centre',
    'align-right',
    'align-top',
    'align-middle',
    'align-bottom',
    'distribute-x',
    'distribute-y',
    'straighten',
    'lay-out',
  ],
};

const MENUS: Readonly<Record<ContextMenuTarget, readonly Group[]>> = {
  items: [
    ['copy', 'cut', 'duplicate', 'paste', 'paste-wired'],
    ['rename', 'add-after', 'bypass', 'frame', 'select-up', 'select-down'],
    { title: 'Explain', ids: ['layer-maps', 'layer-field', 'layer-why'] },
    ARRANGE,
    ['fit'],
    ['delete', 'delete-apart'],
  ],
  edge: [['insert-on-edge'], ['delete']],
  canvas: [
    ['paste', 'paste-wired'],
    ['add', 'comment', 'frame'],
    ['select-all', 'lay-out', 'fit', 'zoom-100'],
    ['undo', 'redo'],
    ['commands', 'shortcuts'],
  ],
};

const useContextMenu = create<{ opened: { at: Position; subject: ContextMenuTarget } | null }>(() => ({
  opened: null,
}));

export function openContextMenu(event: MouseEvent | React.MouseEvent, subject: ContextMenuTarget): void {
  event.preventDefault();
  useContextMenu.setState({ opened: { at: { x: event.clientX, y: event.clientY }, subject } });
}

function close(): void {
  useContextMenu.setState({ opened: null });
}

export function ContextMenu() {
  const opened = useContextMenu(state => state.opened);
  if (!opened) return null;
  const { at, subject } = opened;
  const groups = MENUS[subject].filter(group => possible(group).length > 0);
  return (
    <Menu
      key={`${at.x} ${at.y}`}
      opened
      onClose={close}
      position="bottom-start"
      offset={0}
      width={280}
      // It may cover the place that it is for, but never leaves the window, which would scroll it.
      floatingStrategy="fixed"
      middlewares={{ flip: false, shift: { crossAxis: true, padding: 8 } }}
    >
      <Menu.Target>
        <span className="menu-anchor" style={{ left: at.x, top: at.y }} />
      </Menu.Target>
      <Menu.Dropdown aria-label="Canvas menu" onContextMenu={event => event.preventDefault()}>
        {groups.map((group, i) => (
          <MenuGroup key={String(i)} group={group} at={at} isFirst={i === 0} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function MenuGroup({ group, at, isFirst }: { group: Group; at: Position; isFirst: boolean }) {
  const items = possible(group).map(id => <ActionItem key={id} id={id} at={at} />);
  if (!('title' in group)) {
    return (
      <>
        {!isFirst && <Menu.Divider />}
        {items}
      </>
    );
  }
  return (
    <Menu.Sub openDelay={80}>
      <Menu.Sub.Target>
        <Menu.Sub.Item>{group.title}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown>{items}</Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}

function ActionItem({ id, at }: { id: string; at: Position }) {
  const action = actionById(id);
  const [keys] = keysOf(action);
  return (
    <Menu.Item
      rightSection={keys && shortcutText(keys)}
      onClick={() => {
        // What it adds or pastes goes where the menu was asked for.
        pointerIsAt(at);
        void action.run();
      }}
    >
      {action.title}
    </Menu.Item>
  );
}

/** What can be done now. */
function possible(group: Group): readonly string[] {
  const ids = 'title' in group ? group.ids : group;
  return ids.filter(id => isPossible(actionById(id)));
}
