/**
 * What a person does with projects: open, make, save, keep as a file, delete. Each complains by itself where it fails,
 * so that a menu, a shortcut and the host's own menu can share it.
 */
import type { Id } from '../../bridge/ids.ts';
import { newDocument, type ProjectDocument } from '../../engine/graph/document.ts';
import type { ZooModel } from '../../engine/zoo/zoo.ts';
import { useDocument } from '../store/openDocument.ts';
import * as projectFile from '../store/projectStore.ts';
import { isSettled } from '../store/trainingRun.ts';
import { attempt, offer, showMessage } from '../ui/toast.tsx';

export async function openProject(id: Id): Promise<void> {
  await attempt(() => projectFile.openProject(id), 'The project was not opened');
}

/** Opens what was open when the window was closed, else what was changed last, else an empty one. */
export async function openLastProject(): Promise<void> {
  const id = projectFile.lastProject();
  await (id === undefined ? newProject(newDocument('untitled')) : openProject(id));
}

/** @returns whether it was made */
export async function newProject(document: ProjectDocument): Promise<boolean> {
  const make = async () => {
    await projectFile.newProject(document);
    return true;
  };
  return (await attempt(make, 'The project was not made')) ?? false;
}

/** A project that starts from a network of the zoo; where the dataset is still being imported, it says so. */
export async function newFromZoo(model: ZooModel): Promise<void> {
  const { dataset } = useDocument.getState().document;
  if (!isSettled(dataset))
    showMessage(`${model.title} comes once ${dataset} is imported: it is made for its images.`);
  await attempt(() => projectFile.newFromZoo(model), 'The project was not made');
}

export async function saveProject(): Promise<void> {
  await attempt(projectFile.saveProject, 'The project was not saved');
}

export async function saveProjectAs(): Promise<void> {
  const path = await attempt(projectFile.saveProjectAs, 'The file was not written');
  if (path !== undefined) showMessage(`Saved as ${path}.`);
}

export async function openProjectFile(): Promise<void> {
  await attempt(projectFile.openProjectFile, 'The file was not opened');
}

/** Deletes a project; what was deleted can be brought back while the offer stands. */
export async function deleteProject(id = useDocument.getState().project): Promise<void> {
  if (id === null) return;
  const deleted = await attempt(() => projectFile.deleteProject(id), 'The project was not deleted');
  if (!deleted) return;
  offer(`${deleted.name} was deleted.`, 'Undo', () =>
    attempt(deleted.bringBack, 'The project was not brought back'),
  );
}
