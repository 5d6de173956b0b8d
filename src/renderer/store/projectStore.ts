/**
 * Projects as the window has them: open, make, rename, save, keep as a file, delete. Each rejects where the studio or
 * the host refuses.
 */
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import { type Id, isId } from '../../bridge/ids.ts';
import type { Project, ProjectSummary } from '../../bridge/projectCalls.ts';
import { newDocument, type ProjectDocument } from '../../engine/graph/document.ts';
import { sizeFor, withModel, type ZooModel } from '../../engine/zoo/zoo.ts';
import { flush } from './autosave.ts';
import { selectNothing } from './canvasSelection.ts';
import { studio } from './connection.ts';
import { host } from './currentHost.ts';
import { edit, endGesture, showDocument, useDocument } from './openDocument.ts';
import { useStudio } from './studioState.ts';
import { settled } from './trainingRun.ts';

/** Where this window remembers which project it had open. */
const LAST_OPEN = 'receptive.project';

export async function openProject(id: Id): Promise<void> {
  await flush();
  show(await studio().openProject(id));
}

/** What was open when the window was closed, else what was changed last; undefined where there is no project. */
export function lastProject(): Id | undefined {
  const { projects } = useStudio.getState();
  const last = localStorage.getItem(LAST_OPEN);
  return isId(last) && last in projects ? last : projectsByChange(projects)[0]?.id;
}

export async function newProject(document: ProjectDocument): Promise<void> {
  await flush();
  show(await studio().createProject(document));
}

/**
 * A project that starts from a network of the zoo, made for the dataset that the open project trains on: where that is
 * still being imported, its images are waited for.
 */
export async function newFromZoo(model: ZooModel): Promise<void> {
  const { project, document: open } = useDocument.getState();
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
export async function saveProject(): Promise<void> {
  const { project } = useDocument.getState();
  if (project === null) return;
  await flush();
  await studio().saveProject(project);
}

/** Keeps a copy as a file of one's own. @returns where; undefined where nothing was written, or nobody says where */
export async function saveProjectAs(): Promise<string | undefined> {
  const { project } = useDocument.getState();
  if (project === null) return undefined;
  await flush();
  const { fileName, text } = await studio().exportProject(project);
  return host().saveFile(fileName, text);
}

export async function openProjectFile(): Promise<void> {
  const file = await host().openTextFile();
  if (!file) return;
  await flush();
  show(await studio().importProject(file.text));
}

/** What was deleted, and the way back. */
interface DeletedProject {
  readonly name: string;
  bringBack(): Promise<void>;
}

/** Deletes a project, and where it is the open one opens another. */
export async function deleteProject(id: Id): Promise<DeletedProject> {
  const isOpen = id === useDocument.getState().project;
  await flush();
  const { text } = await studio().exportProject(id);
  const { name } = useStudio.getState().projects[id]!;
  await studio().deleteProject(id);
  const { [id]: _deleted, ...others } = useStudio.getState().projects;
  const next = projectsByChange(others)[0];
  if (isOpen && next) show(await studio().openProject(next.id));
  else if (isOpen) show(await studio().createProject(newDocument('untitled')));
  return {
    name,
    bringBack: async () => {
      const project = await studio().importProject(text);
      if (isOpen) show(project);
    },
  };
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
