/**
 * What was drawn and is not with the studio yet, kept where it outlives the page: a reload or a crash of the window
 * within the moment before a change is sent loses nothing.
 */
import { type Id, isId } from '../../bridge/ids.ts';
import { type ProjectDocument, parseDocument } from '../../engine/graph/document.ts';

const JOURNAL_PREFIX = 'receptive.unsent.';

export function keepUnsent(project: Id, document: ProjectDocument): void {
  try {
    localStorage.setItem(JOURNAL_PREFIX + project, JSON.stringify(document));
  } catch {
    // A full store keeps nothing; the change is still on its way to the studio.
  }
}

export function forgetUnsent(project: Id): void {
  localStorage.removeItem(JOURNAL_PREFIX + project);
}

/** What a window before this one did not get to send. What cannot be read is forgotten. */
export function unsent(): { project: Id; document: ProjectDocument }[] {
  const keys = Object.keys(localStorage).filter(key => key.startsWith(JOURNAL_PREFIX));
  return keys.flatMap(key => {
    const project = key.slice(JOURNAL_PREFIX.length);
    try {
      if (!isId(project)) throw new Error('This is no project.');
      return [{ project, document: parseDocument(localStorage.getItem(key) ?? '') }];
    } catch {
      localStorage.removeItem(key);
      return [];
    }
  });
}
