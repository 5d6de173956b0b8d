/** The projects of the workspace as cards, the latest first: to open, or to delete with a way back. */
import { ActionIcon, Button, Modal } from '@mantine/core';
import { IconFolderOpen, IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Id } from '../../bridge/ids.ts';
import type { ProjectSummary } from '../../bridge/projectCalls.ts';
import { type Graph, parseDocument } from '../../engine/graph/document.ts';
import { studio } from '../store/connection.ts';
import { useDocument } from '../store/openDocument.ts';
import { projectsByChange } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { Miniature } from '../ui/miniature.tsx';
import { moment, plural } from '../ui/numberFormat.ts';
import { deleteProject, openProject, openProjectFile } from './projectActions.ts';
import { closeProjectDialog, useProjectDialog } from './projectDialogs.ts';
import '../graphView/zoo.css';
import './projects.css';

export function OpenProjects() {
  const opened = useProjectDialog(state => state.open === 'open');
  return (
    <Modal opened={opened} onClose={closeProjectDialog} title="Projects" size={880}>
      <ProjectCards />
    </Modal>
  );
}

/** As many as are drawn at first: each asks the studio for its network. */
const CARDS_PER_PAGE = 24;

function ProjectCards() {
  const [query, setQuery] = useState('');
  const [most, setMost] = useState(CARDS_PER_PAGE);
  const projects = useStudio(state => state.projects);
  const open = useDocument(state => state.project);
  const found = projectsByChange(projects).filter(({ name }) =>
    name.toLowerCase().includes(query.trim().toLowerCase()),
  );
  return (
    <div className="projects">
      <div className="projects-head">
        <input
          data-autofocus
          className="input"
          type="search"
          aria-label="Find a project"
          placeholder="Find a project"
          value={query}
          onChange={event => setQuery(event.target.value)}
        />
        <Button
          leftSection={<IconFolderOpen size={15} />}
          onClick={() => {
            closeProjectDialog();
            void openProjectFile();
          }}
        >
          Open a project file…
        </Button>
      </div>
      <ul className="zoo">
        {found.slice(0, most).map(project => (
          <ProjectCard key={project.id} project={project} isOpen={project.id === open} />
        ))}
      </ul>
      {found.length > most && (
        <Button onClick={() => setMost(most + CARDS_PER_PAGE)}>
          Show {plural(found.length - most, 'more project')}
        </Button>
      )}
      {found.length === 0 && <p className="dim">No project is called “{query}”.</p>}
    </div>
  );
}

function ProjectCard({ project, isOpen }: { project: ProjectSummary; isOpen: boolean }) {
  const graph = useProjectGraph(project);
  return (
    <li className="project-card">
      <button
        type="button"
        className="zoo-card"
        aria-current={isOpen || undefined}
        onClick={() => {
          closeProjectDialog();
          if (!isOpen) void openProject(project.id);
        }}
      >
        <span className="zoo-picture">{graph && <Miniature graph={graph} />}</span>
        <span className="zoo-title">
          <b className="truncate">{project.name}</b>
          {isOpen && <span className="state">open</span>}
        </span>
        <span className="tiny">
          {moment(project.changedAt)}
          {graph && ` · ${plural(Object.keys(graph.nodes).length, 'layer')}`}
        </span>
      </button>
      <ActionIcon
        className="project-delete"
        aria-label={`Delete ${project.name}`}
        title="Delete; it can be brought back for a moment"
        onClick={() => deleteProject(project.id)}
      >
        <IconTrash size={15} />
      </ActionIcon>
    </li>
  );
}

const graphs = new Map<Id, { changedAt: number; graph: Graph }>();

/** The network of a project, as its file has it: reading that opens nothing. */
function useProjectGraph({ id, changedAt }: ProjectSummary): Graph | undefined {
  const [, setRead] = useState(0);
  useEffect(() => {
    if (graphs.get(id)?.changedAt === changedAt) return;
    const read = async () => {
      const { text } = await studio().exportProject(id);
      graphs.set(id, { changedAt, graph: parseDocument(text).graph });
      setRead(changedAt);
    };
    // A project that cannot be read says so when it is opened; here it has no picture.
    read().catch(() => undefined);
  }, [id, changedAt]);
  return graphs.get(id)?.graph;
}
