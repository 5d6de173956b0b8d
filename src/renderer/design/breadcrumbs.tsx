/** Where one is among blocks within blocks, and the ways back out; and which of its repetitions the figures are of. */
import { NativeSelect } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { copiesInto, type EnteredCopy } from '../../engine/graph/drawings.ts';
import { selectNothing } from '../store/canvasSelection.ts';
import { useDocument, useNetwork } from '../store/openDocument.ts';
import { enterScope, useScope } from '../store/openDrawing.ts';

export function Breadcrumbs() {
  const scope = useScope(state => state.scope);
  const network = useNetwork();
  const name = useDocument(state => state.document.name);
  const copies = copiesInto(network, scope) ?? [];
  if (copies.length === 0) return null;
  const go = (to: string) => {
    enterScope(to);
    selectNothing();
  };
  return (
    <nav className="breadcrumbs" aria-label="Blocks that are open">
      <button type="button" onClick={() => go('')}>
        {name}
      </button>
      {copies.map((copy, i) => (
        <span key={copy.id} className="breadcrumb">
          <IconChevronRight size={13} aria-hidden />
          {i === copies.length - 1 ? (
            <b aria-current="page">{copy.block.name}</b>
          ) : (
            <button type="button" onClick={() => go(scopeOfCopy(copy, copy.turn))}>
              {copy.block.name}
            </button>
          )}
          {copy.repeat > 1 && (
            <NativeSelect
              size="xs"
              aria-label={`Which repetition of ${copy.name} the figures are of`}
              value={String(copy.turn)}
              data={Array.from({ length: copy.repeat }, (_, turn) => ({
                value: String(turn),
                label: `${turn + 1} of ${copy.repeat}`,
              }))}
              onChange={event => enterScope(scopeOfCopy(copy, Number(event.currentTarget.value)))}
            />
          )}
        </span>
      ))}
    </nav>
  );
}

function scopeOfCopy({ id }: EnteredCopy, turn: number): string {
  return `${id}/${turn}/`;
}
