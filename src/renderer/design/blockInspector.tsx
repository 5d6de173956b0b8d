/** A copy of a block laid open: what it is called, what it sets for itself, and what can be done with its block. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { changeBlock } from '../../engine/graph/blockEdits.ts';
import { blockIdOf, blockOf, fieldsOf } from '../../engine/graph/blocks.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import { setParams } from '../../engine/graph/edits.ts';
import { editNetwork, endGesture, useNetwork } from '../store/openDocument.ts';
import { editGraph, useGraph } from '../store/openDrawing.ts';
import { FieldForm } from '../ui/fields/fieldForm.tsx';
import { plural } from '../ui/numberFormat.ts';
import { copiesLikeThis, dissolveSelection, keepInLibrary, openBlock, unlinkBlock } from './blockActions.ts';

/** Head and form of a copy; its problems and figures are those of any node. */
export function BlockHead({ id }: { id: NodeId }) {
  const graph = useGraph();
  const network = useNetwork();
  const node = graph.nodes[id];
  const block = node && blockOf(graph, node);
  if (!node || !block) return <p className="dim">Its block is not in this project.</p>;
  const copies = copiesLikeThis(network, graph, id);
  return (
    <>
      <p className="dim">
        {copies === 1
          ? 'The only copy of this block.'
          : `One of ${plural(copies, 'linked copy', 'linked copies')}: what is changed inside changes in all.`}
      </p>
      <div className="inspector-actions">
        <Button onClick={() => openBlock(id)}>Open</Button>
        {copies > 1 && <Button onClick={() => unlinkBlock(id)}>Unlink</Button>}
        <Button onClick={dissolveSelection}>Take apart</Button>
        <Button onClick={() => void keepInLibrary(blockIdOf(node))}>Keep in library</Button>
      </div>
    </>
  );
}

export function BlockParameters({ id }: { id: NodeId }) {
  const graph = useGraph();
  const node = graph.nodes[id];
  const fields = node ? fieldsOf(graph, node) : {};
  if (!node || Object.keys(fields).length === 0) return null;
  return (
    <section className="section" aria-label="Parameters">
      <h2>Parameters</h2>
      <FieldForm
        id={id}
        fields={fields}
        values={node.params}
        onChange={(name, value) =>
          editGraph(current => setParams(current, id, { [name]: value }), `${id} ${name}`)
        }
        onDone={endGesture}
      />
      {Object.keys(fields).length === 1 && (
        <p className="tiny">
          Open the block to expose parameters of its layers: each copy can set those for itself.
        </p>
      )}
    </section>
  );
}

/** The name of the block itself, of all its copies. */
export function BlockName({ id }: { id: NodeId }) {
  const graph = useGraph();
  const node = graph.nodes[id];
  const block = node && blockOf(graph, node);
  const [draft, setDraft] = useState<string | null>(null);
  if (!node || !block) return <h1>Block</h1>;
  const change = (next: string) => {
    const name = next.trim();
    setDraft(name === '' || name.length > 64 ? next : null);
    if (name !== '' && name.length <= 64)
      editNetwork(network => changeBlock(network, blockIdOf(node), { name: next }), `${id} block name`);
  };
  return (
    <input
      className="input block-name"
      aria-label="Name of the block"
      aria-invalid={draft !== null}
      autoComplete="off"
      spellCheck={false}
      value={draft ?? block.name}
      onChange={event => change(event.target.value)}
      onBlur={() => {
        setDraft(null);
        endGesture();
      }}
    />
  );
}
