/** The project menu: a new one, another one, files, delete. */
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconChevronDown,
  IconDeviceFloppy,
  IconDownload,
  IconFilePlus,
  IconFolderOpen,
  IconLayoutGrid,
  IconTrash,
} from '@tabler/icons-react';
import { useShortcut } from '../actions/shortcuts.ts';
import { useDocument } from '../store/openDocument.ts';
import { projectsByChange } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { moment } from '../ui/numberFormat.ts';
import { deleteProject, openProject, openProjectFile, saveProject, saveProjectAs } from './projectActions.ts';
import { openNewProject, openProjects } from './projectDialogs.ts';

/** As many as the menu names; all are among the cards. */
const RECENT_PROJECTS = 6;

export function ProjectMenu() {
  const open = useDocument(state => state.project);
  const projects = useStudio(state => state.projects);
  const others = projectsByChange(projects)
    .filter(({ id }) => id !== open)
    .slice(0, RECENT_PROJECTS);
  const [openKeys, saveKeys] = [useShortcut('open-project'), useShortcut('save')];
  return (
    <Menu width={272}>
      <Menu.Target>
        <ActionIcon aria-label="Project menu">
          <IconChevronDown size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconFilePlus size={15} />} onClick={openNewProject}>
          New project…
        </Menu.Item>
        <Menu.Item leftSection={<IconLayoutGrid size={15} />} rightSection={openKeys} onClick={openProjects}>
          Open a project…
        </Menu.Item>
        <Menu.Item leftSection={<IconFolderOpen size={15} />} onClick={openProjectFile}>
          Open a project file…
        </Menu.Item>
        <Menu.Item leftSection={<IconDeviceFloppy size={15} />} rightSection={saveKeys} onClick={saveProject}>
          Save
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={15} />} onClick={saveProjectAs}>
          Save a copy as a file…
        </Menu.Item>
        {others.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>Recent</Menu.Label>
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
        <Menu.Item className="bad" leftSection={<IconTrash size={15} />} onClick={() => deleteProject()}>
          Delete this project
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
