/** The palette's blocks: those of the project, and the library that all projects share. */
import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { isId } from '../../bridge/ids.ts';
import type { LibraryBlock } from '../../bridge/projectCalls.ts';
import { copiesOf } from '../../engine/graph/blockEdits.ts';
import type { Position } from '../../engine/graph/edits.ts';
import { NODE } from '../graphView/flow.ts';
import { studio } from '../store/connection.ts';
import { useNetwork } from '../store/openDocument.ts';
import { useStudio } from '../store/studioState.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt, offer } from '../ui/toast.tsx';
import { addBlock, dropBlock } from './blockActions.ts';

/** The type under which a dragged block travels: `project/<id>` or `library/<id>`. */
export const BLOCK_TYPE = 'application/x-receptive-block';

export function BlockPalette({ query, fallback }: { query: string; fallback: () => Position }) {
  const network = useNetwork();
  const library = useStudio(state => state.library);
  const fits = (name: string) => name.toLowerCase().includes(query.trim().toLowerCase());
  const own = Object.entries(network.blocks ?? {}).filter(([, { name }]) => fits(name));
  const kept = Object.values(library)
    .filter(({ name }) => fits(name))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  if (own.length === 0 && kept.length === 0) return null;
  return (
    <section aria-label="Blocks">
      <h2 className="section-title">Blocks</h2>
      {own.map(([id, { name }]) => (
        <BlockItem
          key={id}
          name={name}
          note={`in this project, ${plural(copiesOf(network, id), 'copy', 'copies')}`}
          travelsAs={`project/${id}`}
          onAdd={() => addBlock(id, fallback())}
        />
      ))}
      {kept.map(block => (
        <BlockItem
          key={block.id}
          name={block.name}
          note="in the library"
          travelsAs={`library/${block.id}`}
          onAdd={() => addBlock(block.block, fallback(), block.blocks)}
          onDelete={() => void forget(block)}
        />
      ))}
    </section>
  );
}

async function forget({ id, ...block }: LibraryBlock): Promise<void> {
  const done = await attempt(
    () =>
      studio()
        .deleteLibraryBlock(id)
        .then(() => true),
    `${block.name} was not deleted`,
  );
  if (!done) return;
  offer(`${block.name} was taken out of the library.`, 'Undo', () =>
    attempt(() => studio().keepBlock(block), `${block.name} was not brought back`),
  );
}

/** Drops what was dragged from here; `at` is the pointer's place on the canvas. */
export function dropTravelling(travelling: string, at: Position): void {
  const [from, id = ''] = travelling.split('/');
  const corner = { x: at.x - NODE.width / 2, y: at.y - NODE.height / 2 };
  const kept = isId(id) ? useStudio.getState().library[id] : undefined;
  if (from === 'project') dropBlock(id, corner);
  else if (kept) dropBlock(kept.block, corner, kept.blocks);
}

interface BlockItemProps {
  name: string;
  note: string;
  travelsAs: string;
  onAdd: () => void;
  onDelete?: () => void;
}

function BlockItem({ name, note, travelsAs, onAdd, onDelete }: BlockItemProps) {
  return (
    <div className="palette-block">
      <button
        type="button"
        className="palette-item"
        title={`${name}: ${note}`}
        draggable
        onClick={onAdd}
        onDragStart={event => {
          event.dataTransfer.setData(BLOCK_TYPE, travelsAs);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <i className="swatch block-swatch" />
        <span className="truncate">{name}</span>
      </button>
      {onDelete && (
        <ActionIcon size={20} aria-label={`Take ${name} out of the library`} onClick={onDelete}>
          <IconTrash size={13} />
        </ActionIcon>
      )}
    </div>
  );
}
