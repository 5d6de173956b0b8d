/** Projects and the library of blocks, as the window and the studio speak of them. Types, no code. */
import type { Block, BlockId, ProjectDocument } from '../engine/graph/document.ts';
import type { Id, Time } from './ids.ts';

export interface ProjectSummary {
  id: Id;
  name: string;
  createdAt: Time;
  changedAt: Time;
  /** Whether there are changes that Ctrl+S has not confirmed. They are kept either way. */
  edited: boolean;
}

export interface Project extends ProjectSummary {
  document: ProjectDocument;
}

/** A block that every project can take a copy of. */
export interface LibraryBlock {
  id: Id;
  name: string;
  /** Which of `blocks` it is; the others stand within it. */
  block: BlockId;
  blocks: Record<BlockId, Block>;
}

export interface ProjectCalls {
  createProject(document: ProjectDocument): Promise<Project>;
  openProject(id: Id): Promise<Project>;
  /** Keeps a change. `version` rises with the client's changes; an older one than kept is ignored. */
  updateProject(id: Id, document: ProjectDocument, version: number): Promise<void>;
  /** Confirms the present state, as Ctrl+S does. */
  saveProject(id: Id): Promise<ProjectSummary>;
  deleteProject(id: Id): Promise<void>;
  /** A project file's text to a new project. Rejects with what is wrong and where. */
  importProject(text: string): Promise<Project>;
  exportProject(id: Id): Promise<{ fileName: string; text: string }>;

  /** Puts a block into the library, in the place of one of the same name. */
  keepBlock(block: Omit<LibraryBlock, 'id'>): Promise<LibraryBlock>;
  deleteLibraryBlock(id: Id): Promise<void>;
}
