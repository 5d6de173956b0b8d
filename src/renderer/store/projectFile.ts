/**
 * What a person does with projects: open, make, rename, save, keep as a file, delete. Each is one function that
 * complains by itself where it fails, so that a menu, a shortcut and the host's own menu can share it.
 */
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import { type Id, isId } from '../../bridge/ids.ts';
import type { Project, ProjectSummary } from '../../bridge/projectCalls.ts';
import { newDocument, type ProjectDocument } from '../../engine/graph/document.ts';
import { sizeFor, withModel, type ZooModel } from '../../engine/zoo/zoo.ts';
import { attempt, offer, showMessage } from '../ui/toast.tsx';
import { flush } from './autosave.ts';
import { selectNothing } from './canvasSelection.ts';
import { studio } from './connection.ts';
import { host } from './currentHost.ts';
import { edit, endGesture, showDocument, useDocument } from './openDocument.ts';
import { useStudio } from './studioState.ts';
import { isSettled, settled } from './trainingRun.ts';

/** Where this window remembers which project it had open. */
const LAST_OPEN = 'receptive.project';

export function openProject(id: Id): Promise<void> {
  return attempting('The project was not opened', async () => {
    await flush();
    show(await studio().openProject(id));
  });
}

/** Opens what was open when the window was closed, else what was changed last. */
export async function openLastProject(): Promise<void> {
  const { projects } = useStudio.getState();
  const last = localStorage.getItem(LAST_OPEN);
  const latest = projectsByChange(projects)[0]?.id;
  const id = isId(last) && last in projects ? last : latest;
  await (id === undefined ? newProject(newDocument('untitled')) : openProject(id));
}

export function newProject(document: ProjectDocument): Promise<void> {
  return attempting('The project was not made', async () => {
    await flush();
    show(await studio().createProject(document));
  });
}

/**
 * A project that starts from a network of the zoo, made for the dataset that the open project trains on: where that is
 * still being imported, its images are waited for.
 */
export async function newFromZoo(model: ZooModel): Promise<void> {
  const { project, document: open } = useDocument.getState();
  if (!isSettled(open.dataset))
    showMessage(`${model.title} comes once ${open.dataset} is imported: it is made for its images.`);
  await settled(open.dataset);
  // Whoever went elsewhere meanwhile stays there.
  if (useDocument.getState().project !== project) return;
  const dataset = openDataset();
  const document = withModel(newDocument(model.title), model, sizeFor(model, dataset));
  await newProject({ ...document, dataset: dataset?.name ?? null });
}

/** Draws a network of the zoo in the open project, made for the dataset that it trains on. One step. */
export function drawModel(model: ZooModel): void {
  endGesture();
  edit(document => withModel(document, model, sizeFor(model, openDataset())));
}

/** The dataset that the open project trains on, if it is there and whole. */
function openDataset(): DatasetSummary | null {
  const name = useDocument.getState().document.dataset;
  const datasets = Object.values(useStudio.getState().datasets);
  return datasets.find(dataset => dataset.name === name && dataset.state === 'ready') ?? null;
}

export function renameProject(name: string): void {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= 200) edit(document => ({ ...document, name: trimmed }));
}

/** Ctrl+S: what is there now is what was meant. */
export function saveProject(): Promise<void> {
  return attempting('The project was not saved', async () => {
    const { project } = useDocument.getState();
    if (project === null) return;
    await flush();
    await studio().saveProject(project);
  });
}

/** Keeps a copy as a file of one's own. */
export function saveProjectAs(): Promise<void> {
  return attempting('The file was not written', async () => {
    const { project } = useDocument.getState();
    if (project === null) return;
    await flush();
    const { fileName, text } = await studio().exportProject(project);
    const path = await host().saveFile(fileName, text);
    if (path !== undefined) showMessage(`Saved as ${path}.`);
  });
}

export function openProjectFile(): Promise<void> {
  return attempting('The file was not opened', async () => {
    const file = await host().openTextFile();
    if (!file) return;
    await flush();
    show(await studio().importProject(file.text));
  });
}

/**
 * Deletes a project, and where it is the open one opens another; what was deleted can be brought back while the
 * offer stands.
 */
export function deleteProject(id = useDocument.getState().project): Promise<void> {
  return attempting('The project was not deleted', async () => {
    if (id === null) return;
    const isOpen = id === useDocument.getState().project;
    await flush();
    const { text } = await studio().exportProject(id);
    const { name } = useStudio.getState().projects[id]!;
    await studio().deleteProject(id);
    const { [id]: _deleted, ...others } = useStudio.getState().projects;
    const next = projectsByChange(others)[0];
    if (isOpen && next) show(await studio().openProject(next.id));
    else if (isOpen) show(await studio().createProject(newDocument('untitled')));
    offer(`${name} was deleted.`, 'Undo', () =>
      attempting('The project was not brought back', async () => {
        const project = await studio().importProject(text);
        if (isOpen) show(project);
      }),
    );
  });
}

/** Latest first. */
export function projectsByChange(projects: Readonly<Record<Id, ProjectSummary>>): ProjectSummary[] {
  return Object.values(projects).sort((a, b) => b.changedAt - a.changedAt);
}

/** Shows a project in place of the one before. */
export function show({ id, document }: Project): void {
  showDocument(id, document);
  selectNothing();
  localStorage.setItem(LAST_OPEN, id);
}

async function attempting(what: string, work: () => Promise<void>): Promise<void> {
  await attempt(work, what);
}
