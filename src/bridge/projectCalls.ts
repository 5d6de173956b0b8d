/** Calls and types for projects and the library of blocks. Types only. */
import type { Block, BlockId, ProjectDocument } from '../engine/graph/document.ts';
import type { Id, Time } from './ids.ts';

export interface ProjectSummary {
  id: Id;
  name: string;
  createdAt: Time;
  changedAt: Time;
  /** Whether there are changes since the last save. They are stored either way. */
  edited: boolean;
}

export interface Project extends ProjectSummary {
  document: ProjectDocument;
}

/** A block that every project can take a copy of. */
export interface LibraryBlock {
  id: Id;
  name: string;
  /** Its id in `blocks`; the others are nested in it. */
  block: BlockId;
  blocks: Record<BlockId, Block>;
}

export interface ProjectCalls {
  createProject(document: ProjectDocument): Promise<Project>;
  openProject(id: Id): Promise<Project>;
  /** Stores a change. `version` counts the client's changes; older ones than stored are ignored. */
  updateProject(id: Id, document: ProjectDocument, version: number): Promise<void>;
  /** Marks the current state as saved. */
  saveProject(id: Id): Promise<ProjectSummary>;
  deleteProject(id: Id): Promise<void>;
  /** Creates a project from a project file's text. Rejects with what is wrong and where. */
  importProject(text: string): Promise<Project>;
  exportProject(id: Id): Promise<{ fileName: string; text: string }>;

  /** Adds a block to the library, replacing one of the same name. */
  keepBlock(block: Omit<LibraryBlock, 'id'>): Promise<LibraryBlock>;
  deleteLibraryBlock(id: Id): Promise<void>;
}
