/** Two networks on one canvas, and beside it in words what was added, removed and changed. */
import { ActionIcon, Modal, NativeSelect } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { diffGraphs, type GraphDiff, type NodeChange } from '../../engine/graph/diff.ts';
import type { Graph, NodeId } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { signed, signedShort } from '../ui/format.ts';
import { closeComparison, type Network, useNetworks } from './comparison.ts';
import { DiffCanvas } from './diffCanvas.tsx';
import { diffPicture, removedId } from './diffPicture.ts';
import './compare.css';

export function CompareDialog() {
  const { networks, before, after } = useNetworks();
  const [first, second] = [networks[before], networks[after]];
  return (
    <Modal
      opened={first !== undefined && second !== undefined}
      onClose={closeComparison}
      title="Compare networks"
      size="94vw"
      classNames={{ body: 'compare-body' }}
    >
      {first && second && <Comparison key={`${before} ${after}`} before={first} after={second} />}
    </Modal>
  );
}

function Comparison({ before, after }: { before: Network; after: Network }) {
  const [wanted, setWanted] = useState<{ id: string } | null>(null);
  const { diff, picture } = useMemo(() => {
    const found = diffGraphs(before.graph, after.graph);
    const side = ({ graph }: Network) => ({ graph, inference: infer(graph) });
    return { diff: found, picture: diffPicture(side(before), side(after), found) };
  }, [before, after]);
  return (
    <div className="compare">
      <DiffCanvas {...picture} wanted={wanted} />
      <aside className="compare-side" aria-label="Differences">
        <Choice />
        <Totals diff={diff} />
        <Differences diff={diff} before={before.graph} after={after.graph} onShow={id => setWanted({ id })} />
      </aside>
    </div>
  );
}

function Choice() {
  const { networks, before, after } = useNetworks();
  const data = networks.map(({ name }, i) => ({ value: String(i), label: name }));
  const choose = (side: 'before' | 'after') => (event: React.ChangeEvent<HTMLSelectElement>) =>
    useNetworks.setState({ [side]: Number(event.currentTarget.value) });
  return (
    <section className="section compare-choice">
      <NativeSelect label="From" data={data} value={String(before)} onChange={choose('before')} />
      <NativeSelect
        label="To"
        style={{ gridColumn: 1 }}
        data={data}
        value={String(after)}
        onChange={choose('after')}
      />
      <ActionIcon
        aria-label="Swap"
        title="Swap"
        onClick={() => useNetworks.setState({ before: after, after: before })}
      >
        <IconArrowsExchange size={16} />
      </ActionIcon>
    </section>
  );
}

function Totals({ diff }: { diff: GraphDiff }) {
  const rows: [label: string, value: string][] = [
    ['Parameters', signed(diff.deltaParams)],
    ['MACs for one image', signedShort(diff.deltaMacs)],
  ];
  return (
    <section className="section">
      <h2>In all</h2>
      <dl>
        {rows.map(([label, value]) => (
          <div key={label} className="figure">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface DifferencesProps {
  diff: GraphDiff;
  before: Graph;
  after: Graph;
  onShow: (id: string) => void;
}

function Differences({ diff, before, after, onShow }: DifferencesProps) {
  const { changed, added, removed, addedEdges, removedEdges } = diff;
  const rewired = addedEdges.length + removedEdges.length;
  if (changed.length + added.length + removed.length + rewired === 0)
    return <p className="section dim">The two networks are the same.</p>;
  const names = (graph: Graph, ids: readonly NodeId[], shown: (id: NodeId) => string) =>
    ids.map(id => (
      <li key={id}>
        <button type="button" className="diff-link" onClick={() => onShow(shown(id))}>
          <b>{graph.nodes[id]!.name}</b> {graph.nodes[id]!.kind}
        </button>
      </li>
    ));
  return (
    <>
      <Group fate="changed" title="Changed" count={changed.length}>
        {changed.map(change => (
          <Change key={change.after} change={change} kind={after.nodes[change.after]!.kind} onShow={onShow} />
        ))}
      </Group>
      <Group fate="added" title="Added" count={added.length}>
        {names(after, added, id => id)}
      </Group>
      <Group fate="removed" title="Removed" count={removed.length}>
        {names(before, removed, removedId)}
      </Group>
    </>
  );
}

interface GroupProps {
  fate: string;
  title: string;
  count: number;
  children: React.ReactNode;
}

function Group({ fate, title, count, children }: GroupProps) {
  if (count === 0) return null;
  return (
    <section className="section diff-group" aria-label={title}>
      <h2>
        <i className="swatch" data-fate={fate} /> {title} · {count}
      </h2>
      <ul>{children}</ul>
    </section>
  );
}

interface ChangeProps {
  change: NodeChange;
  kind: string;
  onShow: (id: string) => void;
}

function Change({ change, kind, onShow }: ChangeProps) {
  const { name, renamedFrom, kindBefore, params, deltaParams, deltaMacs, after } = change;
  const lines = [
    ...(renamedFrom === null ? [] : [`was called ${renamedFrom}`]),
    ...(kindBefore === null ? [] : [`${kindBefore} → ${kind}`]),
    ...params.map(param => `${param.name}: ${valueText(param.before)} → ${valueText(param.after)}`),
  ];
  const costs = [
    ...(deltaParams === 0 ? [] : [`${signed(deltaParams)} parameters`]),
    ...(deltaMacs === 0 ? [] : [`${signedShort(deltaMacs)} MACs`]),
  ];
  return (
    <li>
      <button type="button" className="diff-link" onClick={() => onShow(after)}>
        <b>{name}</b> {kind}
      </button>
      {lines.map(line => (
        <p key={line} className="mono diff-line">
          {line}
        </p>
      ))}
      {costs.length > 0 && <p className="tiny">{costs.join(' · ')}</p>}
    </li>
  );
}

function valueText(value: unknown): string {
  if (value === undefined) return 'not set';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
