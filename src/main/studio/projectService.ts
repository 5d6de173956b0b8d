/** Projects. Every change is stored at once; saving only confirms it. The database has the text of a project file. */
import type { StudioEvent } from '../../bridge/contract.ts';
import { type Id, newId } from '../../bridge/ids.ts';
import type { Project, ProjectSummary } from '../../bridge/projectCalls.ts';
import {
  DocumentError,
  formatDocument,
  type ProjectDocument,
  parseDocument,
} from '../../engine/graph/document.ts';
import type { ProjectRecord } from '../database/projectQueries.ts';
import { recordFault } from '../database/storedColumns.ts';
import type { Workspace } from '../database/workspace.ts';
import { explained } from '../errorSentences.ts';
import { DiskTrouble, UserError } from '../userError.ts';

/** The longest name that a document may have. */
const NAME_LENGTH = 200;

export class Projects {
  readonly #workspace: Workspace;
  readonly #emit: (event: StudioEvent) => void;
  /** Projects opened while the disk was full, whose count of changes could not be reset. */
  readonly #uncounted = new Set<Id>();

  constructor(workspace: Workspace, emit: (event: StudioEvent) => void) {
    this.#workspace = workspace;
    this.#emit = emit;
  }

  /** The last changed first. */
  list(): ProjectSummary[] {
    return this.#workspace.projects.list();
  }

  /** Stores a new project. If its name is taken, a number is appended. */
  create(document: ProjectDocument): Project {
    this.#workspace.requireWrite();
    const { projects } = this.#workspace;
    const id = newId();
    const name = freeName(document.name, taken => projects.nameTaken(taken));
    projects.insert(id, name, formatDocument({ ...document, name }), Date.now());
    this.#announce(id);
    return this.get(id);
  }

  /** Opens a project and resets its count of changes. */
  open(id: Id): Project {
    if (this.#workspace.mode === 'write') this.#count(id);
    return this.get(id);
  }

  /** Resets the count of changes. If that cannot be written, reading still works. */
  #count(id: Id): void {
    this.#uncounted.add(id);
    try {
      this.#workspace.projects.resetVersion(id);
      this.#uncounted.delete(id);
    } catch (error) {
      if (!(explained(error, this.#workspace.folder) instanceof DiskTrouble)) throw error;
    }
  }

  /** Stores a change, unless a newer one is stored: `version` counts the client's changes. */
  update(id: Id, document: ProjectDocument, version: number): void {
    this.#workspace.requireWrite();
    this.#record(id);
    if (this.#uncounted.has(id)) {
      this.#workspace.projects.resetVersion(id);
      this.#uncounted.delete(id);
    }
    const change = { name: document.name, document: formatDocument(document), version, at: Date.now() };
    if (this.#workspace.projects.update(id, change)) this.#announce(id);
  }

  /** Marks the current state as saved (Ctrl+S). */
  save(id: Id): ProjectSummary {
    this.#workspace.requireWrite();
    this.#workspace.projects.save(id);
    return this.#announce(id);
  }

  /** Its runs stay, and keep its name. */
  delete(id: Id): void {
    this.#workspace.requireWrite();
    if (!this.#workspace.projects.delete(id)) throw unknown();
    this.#emit({ type: 'projectDeleted', id });
  }

  /** @throws UserError with what is wrong in the text, and where */
  importProject(text: string): Project {
    return this.create(parse(text));
  }

  exportProject(id: Id): { fileName: string; text: string } {
    const { name, document } = this.#record(id);
    return { fileName: `${fileNameOf(name)}.json`, text: document };
  }

  /** The project as it is kept. @throws UserError where it was deleted */
  get(id: Id): Project {
    const record = this.#record(id);
    try {
      return { ...record, document: parse(record.document) };
    } catch (error) {
      throw new UserError(`${record.name}: ${recordFault(error)}`);
    }
  }

  #record(id: Id): ProjectRecord {
    const record = this.#workspace.projects.get(id);
    if (!record) throw unknown();
    return record;
  }

  #announce(id: Id): ProjectSummary {
    const { document: _, ...project } = this.#record(id);
    this.#emit({ type: 'project', project });
    return project;
  }
}

function unknown(): UserError {
  return new UserError('This project is not here any more: it was deleted.');
}

function parse(text: string): ProjectDocument {
  try {
    return parseDocument(text);
  } catch (error) {
    if (error instanceof DocumentError) throw new UserError(error.message);
    throw error;
  }
}

/** The name itself, or with the first free number from 2 on. */
function freeName(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  const stem = name.replace(/ \d{1,9}$/, '');
  for (let number = 2; ; number++) {
    const suffix = ` ${number}`;
    const candidate = stem.slice(0, NAME_LENGTH - suffix.length) + suffix;
    if (!taken(candidate)) return candidate;
  }
}

/** A valid file name on all systems. */
function fileNameOf(name: string): string {
  const safe = name
    .replace(/[\p{Cc}\\/:*?"<>|]+/gu, '-')
    .replace(/^[.\s-]+|[.\s-]+$/g, '')
    .slice(0, 80);
  return safe || 'project';
}
