/** What can be done with the selected runs. */
import { Button, Menu } from '@mantine/core';
import {
  IconAdjustments,
  IconArchive,
  IconArrowsDiff,
  IconDots,
  IconFileExport,
  IconPencil,
  IconPin,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconRestore,
  IconSparkles,
  IconTag,
  IconTrash,
} from '@tabler/icons-react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { isActive } from '../store/studioState.ts';
import { openRunDialog } from './openRunDialog.ts';
import { archive, canResume, compareNetworks, pin, remove, restore, resume } from './runActions.ts';
import { useComparison } from './runSelection.ts';
import { useTableView } from './tableView.ts';

interface ActionsProps {
  runs: readonly RunSummary[];
  shown: readonly RunSummary[];
}

export function Actions({ runs, shown }: ActionsProps) {
  const [only] = runs.length === 1 ? runs : [];
  return (
    <>
      <Button leftSection={<IconAdjustments size={14} />} onClick={() => openRunDialog('sweep')}>
        Sweep…
      </Button>
      <Button
        leftSection={<IconRestore size={14} />}
        disabled={!only}
        title="Opens network, data, seed and settings of the selected run as a project"
        onClick={() => only && restore(only)}
      >
        Restore to canvas
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button aria-label="More actions">
            <IconDots size={16} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <OfOne run={only} />
          <Menu.Divider />
          <OfSeveral runs={runs} shown={shown} />
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** What is done with one run. */
function OfOne({ run }: { run: RunSummary | undefined }) {
  const isPinned = useTableView(state => run !== undefined && state.baseline === run.id);
  const isOver = run !== undefined && !isActive(run) && run.state !== 'queued';
  return (
    <>
      <Menu.Item
        leftSection={<IconPlayerPlay size={14} />}
        disabled={!run || !canResume(run)}
        onClick={() => run && resume(run)}
      >
        Resume
      </Menu.Item>
      <Menu.Item
        leftSection={<IconPlayerTrackNext size={14} />}
        disabled={!isOver}
        onClick={() => run && openRunDialog('extend', run.id)}
      >
        Continue with more epochs…
      </Menu.Item>
      <Menu.Item
        leftSection={<IconSparkles size={14} />}
        disabled={!isOver}
        onClick={() => run && openRunDialog('fineTune', run.id)}
      >
        Fine-tune the open project from it…
      </Menu.Item>
      <Menu.Item leftSection={<IconPin size={14} />} disabled={!run} onClick={() => run && pin(run)}>
        {isPinned ? 'Unpin the baseline' : 'Pin as the baseline'}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconPencil size={14} />}
        disabled={!run}
        onClick={() => run && useComparison.setState({ renaming: run.id })}
      >
        Rename
      </Menu.Item>
    </>
  );
}

function OfSeveral({ runs, shown }: ActionsProps) {
  const isArchive = useTableView(state => state.archived);
  return (
    <>
      <Menu.Item
        leftSection={<IconTag size={14} />}
        disabled={runs.length === 0}
        onClick={() => openRunDialog('notes')}
      >
        Notes and tags…
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowsDiff size={14} />}
        disabled={runs.length < 2}
        onClick={() => compareNetworks(runs)}
      >
        Compare networks
      </Menu.Item>
      <Menu.Item
        leftSection={<IconFileExport size={14} />}
        disabled={shown.length === 0}
        onClick={() => openRunDialog('export')}
      >
        Export…
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArchive size={14} />}
        disabled={runs.length === 0 || runs.some(isActive)}
        onClick={() => archive(runs, !isArchive)}
      >
        {isArchive ? 'Take out of the archive' : 'Put into the archive'}
      </Menu.Item>
      <Menu.Item
        color="red"
        leftSection={<IconTrash size={14} />}
        disabled={runs.length === 0 || runs.some(isActive)}
        onClick={() => remove(runs)}
      >
        Delete
      </Menu.Item>
    </>
  );
}
