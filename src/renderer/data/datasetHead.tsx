/** A dataset's name and where it is from, its versions, and what can be done with it as a whole. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronDown,
  IconDots,
  IconEraser,
  IconPlayerPlay,
  IconRefresh,
  IconResize,
  IconScissors,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { DatasetDetail, DatasetSummary, DatasetVersion } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { confirm } from '../ui/confirm.tsx';
import { bytes, moment, plural } from '../ui/numberFormat.ts';
import { attempt } from '../ui/toast.tsx';
import { restoreVersion, undoEdit, useEdits } from './datasetEdits.ts';
import { renewDataset } from './importing.ts';
import { PrepareDialog } from './prepareDialog.tsx';
import { SplitDialog } from './splitDialog.tsx';
import { trainOn } from './trainOn.ts';

interface HeadProps {
  dataset: DatasetSummary;
  detail: DatasetDetail | undefined;
}

export function DatasetHead({ dataset, detail }: HeadProps) {
  const [isDividing, setIsDividing] = useState(false);
  const [isPreparing, setIsPreparing] = useState(false);
  const source = dataset.renewable ? dataset.source : null;
  const last = useEdits(({ done }) => done.findLast(step => step.dataset === dataset.id));
  return (
    <header className="dataset-head">
      <div className="dataset-title">
        <h1 className="truncate">{dataset.name}</h1>
        <p className="tiny truncate">{dataset.source ?? 'Drawn by Receptive'}</p>
      </div>
      {last && (
        <ActionIcon
          aria-label={`Take back: ${last.what}`}
          title={`Take back: ${last.what}`}
          onClick={() => undoEdit(dataset.id)}
        >
          <IconArrowBackUp size={16} />
        </ActionIcon>
      )}
      {detail && <Versions dataset={dataset} versions={detail.versions} />}
      <Button leftSection={<IconScissors size={14} />} disabled={!detail} onClick={() => setIsDividing(true)}>
        Divide…
      </Button>
      {source !== null && (
        <Button leftSection={<IconRefresh size={14} />} onClick={() => renewDataset(dataset.id)}>
          Look for changes
        </Button>
      )}
      <More
        dataset={dataset}
        onPrepare={detail && source !== null ? () => setIsPreparing(true) : undefined}
      />
      <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} onClick={() => trainOn(dataset)}>
        Train on this
      </Button>
      {isDividing && detail && <SplitDialog detail={detail} onClose={() => setIsDividing(false)} />}
      {isPreparing && detail && source !== null && (
        <PrepareDialog detail={detail} source={source} onClose={() => setIsPreparing(false)} />
      )}
    </header>
  );
}

function Versions({ dataset, versions }: { dataset: DatasetSummary; versions: readonly DatasetVersion[] }) {
  return (
    <Menu position="bottom-end" width={420}>
      <Menu.Target>
        <Button rightSection={<IconChevronDown size={14} />}>Version {dataset.version}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {versions.map(version => (
          <Menu.Item
            key={version.version}
            aria-current={version.version === dataset.version}
            onClick={() => {
              if (version.version !== dataset.version) void restoreVersion(dataset.id, version.version);
            }}
          >
            <b>Version {version.version}</b> · {version.change}
            <span className="tiny version-facts">
              {plural(version.count, 'image')} · {plural(version.runs, 'run')} · {moment(version.createdAt)}
              {version.version === dataset.version ? ' · now' : ' · click to restore'}
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface MoreProps {
  dataset: DatasetSummary;
  /** Undefined where there are no files to be prepared otherwise. */
  onPrepare: (() => void) | undefined;
}

function More({ dataset, onPrepare }: MoreProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label="More about this dataset">
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {onPrepare && (
          <Menu.Item leftSection={<IconResize size={14} />} onClick={onPrepare}>
            Prepare differently…
          </Menu.Item>
        )}
        {dataset.renewable && dataset.bytes > 0 && (
          <Menu.Item leftSection={<IconEraser size={14} />} onClick={() => clearCache(dataset)}>
            Clear the cache ({bytes(dataset.bytes)})
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconTrash size={14} />} color="red" onClick={() => deleteDataset(dataset)}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

async function clearCache(dataset: DatasetSummary): Promise<void> {
  const text = `${bytes(dataset.bytes)} are freed. When the images are needed again, they are decoded again from ${dataset.source ?? 'the program'}.`;
  if (!(await confirm(`Clear the cache of ${dataset.name}?`, text, 'Clear it'))) return;
  await attempt(() => studio().clearCache(dataset.id), 'The cache was not cleared');
}

async function deleteDataset(dataset: DatasetSummary): Promise<void> {
  const text = `${plural(dataset.count, 'image')} leave the studio; the folder that they came from stays as it is. Runs keep their curves, but cannot be resumed.`;
  if (!(await confirm(`Delete ${dataset.name}?`, text, 'Delete the dataset'))) return;
  await attempt(() => studio().deleteDataset(dataset.id), 'The dataset was not deleted');
}
