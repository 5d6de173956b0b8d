/** Keys and the host's own menu: what they run are the window's actions. */
import { useEffect } from 'react';
import type { MenuCommand } from '../../bridge/windowHost.ts';
import { useActionKeys } from '../actions/keys.ts';
import { runAction } from '../actions/registry.ts';
import { host } from '../store/currentHost.ts';

const menu: Readonly<Record<MenuCommand, string>> = {
  new: 'new',
  open: 'open-project',
  save: 'save',
  saveAs: 'save-as',
  undo: 'undo',
  redo: 'redo',
  about: 'about',
};

export function useWindowCommands(): void {
  useActionKeys();
  useEffect(() => {
    // A host listens once, for as long as the window lives.
    host().onMenu?.(command => runAction(menu[command]));
  }, []);
}
