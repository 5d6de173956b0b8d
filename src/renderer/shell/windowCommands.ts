/** The shortcuts and menu commands that work in every place. None fires while a person types, but saving. */
import { useEffect } from 'react';
import type { MenuCommand } from '../../bridge/host.ts';
import { newDocument } from '../../engine/graph/document.ts';
import { toggleCode } from '../design/code/panel.ts';
import { redo, undo } from '../store/document.ts';
import { host } from '../store/host.ts';
import { newProject, openProjectFile, saveProject, saveProjectAs } from '../store/project.ts';
import { train } from '../store/training.ts';
import { isTyping, shortcutOf } from '../ui/shortcut.ts';
import { openAbout } from './about.tsx';
import { openCommands } from './commandPalette.tsx';

const shortcuts: Readonly<Record<string, () => unknown>> = {
  'Ctrl+Z': undo,
  'Ctrl+Shift+Z': redo,
  'Ctrl+Y': redo,
  'Ctrl+Enter': train,
};

const anywhere: Readonly<Record<string, () => unknown>> = {
  'Ctrl+S': saveProject,
  'Ctrl+K': openCommands,
  'Ctrl+J': toggleCode,
};

const menu: Readonly<Record<MenuCommand, () => unknown>> = {
  new: () => newProject(newDocument('untitled')),
  open: openProjectFile,
  save: saveProject,
  saveAs: saveProjectAs,
  undo,
  redo,
  about: openAbout,
};

export function useWindowCommands(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      const action = anywhere[shortcut] ?? (isTyping(event) ? undefined : shortcuts[shortcut]);
      if (!action || event.defaultPrevented) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  useEffect(() => {
    // A host listens once, for as long as the window lives.
    host().onMenu?.(command => menu[command]());
  }, []);
}
