/** In words what was added, removed and changed between two drawings, and inside the blocks that both have. */
import { repeatOf } from '../../engine/graph/blocks.ts';
import { type DrawingDiff, differs, type NodeChange, type NoteChange } from '../../engine/graph/diff.ts';
import type { Graph, GraphNode, NodeId } from '../../engine/graph/document.ts';
import { drawingAt } from '../../engine/graph/drawings.ts';
import { faceOf } from '../graphView/flow.ts';
import { signed, signedShort } from '../ui/numberFormat.ts';
import { fateOf, noteId, removedId } from './diffPicture.ts';

interface DifferencesProps {
  diff: DrawingDiff;
  before: Graph;
  after: Graph;
  /** Brings a node of the picture into sight; null inside a block, which the picture does not show. */
  onShow: ((id: string) => void) | null;
}

export function Differences({ diff, before, after, onShow }: DifferencesProps) {
  if (!differs(diff)) return <p className="section dim">The two networks are the same.</p>;
  const { changed, added, removed, addedEdges, removedEdges, notes } = diff;
  const named = (graph: Graph, ids: readonly NodeId[], shown: (id: NodeId) => string) =>
    ids.map(id => (
      <li key={id}>
        <Named graph={graph} node={graph.nodes[id]!} onShow={onShow && (() => onShow(shown(id)))} />
      </li>
    ));
  const joins = (graph: Graph, edges: DrawingDiff['addedEdges']) =>
    edges.map(({ source, target, input }) => (
      <li key={`${source} ${target} ${input}`} className="tiny">
        {graph.nodes[source]!.name} → {graph.nodes[target]!.name}
      </li>
    ));
  return (
    <>
      <Group fate="changed" title="Changed">
        {changed.map(change => (
          <Change key={change.after} change={change} before={before} after={after} onShow={onShow} />
        ))}
      </Group>
      <Group fate="added" title="Added">
        {named(after, added, id => id)}
      </Group>
      <Group fate="removed" title="Removed">
        {named(before, removed, removedId)}
      </Group>
      <Group fate="added" title="Joined">
        {joins(after, addedEdges)}
      </Group>
      <Group fate="removed" title="Parted">
        {joins(before, removedEdges)}
      </Group>
      <Group fate="changed" title="Frames and comments">
        {notes.map(note => (
          <Note key={noteId(note.kind, note.id)} note={note} onShow={onShow} />
        ))}
      </Group>
    </>
  );
}

function Group({ fate, title, children }: { fate: string; title: string; children: React.ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <section className="section diff-group" aria-label={title}>
      <h2>
        <i className="swatch" data-fate={fate} /> {title} · {children.length}
      </h2>
      <ul>{children}</ul>
    </section>
  );
}

function Named({ graph, node, onShow }: { graph: Graph; node: GraphNode; onShow: (() => void) | null }) {
  const { kindName } = faceOf(graph, node);
  const text = (
    <>
      <b>{node.name}</b> {kindName}
    </>
  );
  if (!onShow) return <span className="diff-name">{text}</span>;
  return (
    <button type="button" className="diff-name diff-link" onClick={onShow}>
      {text}
    </button>
  );
}

interface ChangeProps extends Omit<DifferencesProps, 'diff'> {
  change: NodeChange;
}

function Change({ change, before, after, onShow }: ChangeProps) {
  const { renamedFrom, kindBefore, params, inside, deltaParams, deltaMacs } = change;
  const node = after.nodes[change.after]!;
  const lines = [
    ...(renamedFrom === null ? [] : [`was called ${renamedFrom}`]),
    ...(kindBefore === null ? [] : [`${kindBefore} → ${node.kind}`]),
    ...params.map(param => `${param.name}: ${valueText(param.before)} → ${valueText(param.after)}`),
  ];
  const costs = [
    ...(deltaParams === 0 ? [] : [`${signed(deltaParams)} parameters`]),
    ...(deltaMacs === 0 ? [] : [`${signedShort(deltaMacs)} MACs`]),
  ];
  return (
    <li>
      <Named graph={after} node={node} onShow={onShow && (() => onShow(change.after))} />
      {lines.map(line => (
        <p key={line} className="mono diff-line">
          {line}
        </p>
      ))}
      {costs.length > 0 && <p className="tiny">{costs.join(' · ')}</p>}
      {inside && (
        <details className="diff-inside" open>
          <summary>{repeatOf(node) > 1 ? `Inside, in each of ${repeatOf(node)}` : 'Inside'}</summary>
          <Differences
            diff={inside}
            before={drawingAt(before, `${change.before}/0/`)!}
            after={drawingAt(after, `${change.after}/0/`)!}
            onShow={null}
          />
        </details>
      )}
    </li>
  );
}

function Note({ note, onShow }: Pick<DifferencesProps, 'onShow'> & { note: NoteChange }) {
  const { kind, id, before, after } = note;
  const name = `${fateOf(note)} ${kind}`;
  return (
    <li>
      {onShow ? (
        <button type="button" className="diff-name diff-link" onClick={() => onShow(noteId(kind, id))}>
          {name}
        </button>
      ) : (
        name
      )}
      <p className="diff-line">
        {before !== null && <del>{before}</del>} {after !== null && <ins>{after}</ins>}
      </p>
    </li>
  );
}

function valueText(value: unknown): string {
  if (value === undefined) return 'not set';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
