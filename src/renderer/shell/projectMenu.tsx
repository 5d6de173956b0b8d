/** The project menu: a new one, another one, files, delete. */
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconChevronDown,
  IconDeviceFloppy,
  IconDownload,
  IconFilePlus,
  IconFolderOpen,
  IconTrash,
} from '@tabler/icons-react';
import { newDocument } from '../../engine/graph/document.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import { useDocument } from '../store/document.ts';
import {
  deleteProject,
  newFromZoo,
  newProject,
  openProject,
  openProjectFile,
  projectsByChange,
  saveProject,
  saveProjectAs,
} from '../store/project.ts';
import { useStudio } from '../store/studio.ts';
import { moment } from '../ui/format.ts';

export function ProjectMenu() {
  const open = useDocument(state => state.project);
  const projects = useStudio(state => state.projects);
  const others = projectsByChange(projects).filter(({ id }) => id !== open);
  return (
    <Menu width={272}>
      <Menu.Target>
        <ActionIcon aria-label="Project menu">
          <IconChevronDown size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Sub openDelay={80}>
          <Menu.Sub.Target>
            <Menu.Sub.Item leftSection={<IconFilePlus size={15} />}>New project</Menu.Sub.Item>
          </Menu.Sub.Target>
          <Menu.Sub.Dropdown mah="80vh" style={{ overflowY: 'auto' }}>
            <Menu.Item onClick={() => newProject(newDocument('untitled'))}>Empty canvas</Menu.Item>
            <Menu.Divider />
            {zooModels().map(model => (
              <Menu.Item key={model.name} onClick={() => newFromZoo(model)}>
                {model.title}
                <div className="tiny menu-note">{model.summary}</div>
              </Menu.Item>
            ))}
          </Menu.Sub.Dropdown>
        </Menu.Sub>
        <Menu.Item leftSection={<IconFolderOpen size={15} />} onClick={openProjectFile}>
          Open a project file…
        </Menu.Item>
        <Menu.Item leftSection={<IconDeviceFloppy size={15} />} rightSection="Ctrl+S" onClick={saveProject}>
          Save
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={15} />} onClick={saveProjectAs}>
          Save a copy as a file…
        </Menu.Item>
        {others.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>Open</Menu.Label>
            <div className="menu-scroll">
              {others.map(project => (
                <Menu.Item key={project.id} onClick={() => openProject(project.id)}>
                  {project.name}
                  <div className="tiny">{moment(project.changedAt)}</div>
                </Menu.Item>
              ))}
            </div>
          </>
        )}
        <Menu.Divider />
        <Menu.Item className="bad" leftSection={<IconTrash size={15} />} onClick={deleteProject}>
          Delete this project
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
