/** Several nodes as one: their figures summed, and a form of what they share; an edit sets all of them. */
import { Button } from '@mantine/core';
import type { NodeId } from '../../engine/graph/document.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { commonFields, commonValue, setShared } from '../../engine/graph/sharedParams.ts';
import type { Fields } from '../../engine/layers/fields.ts';
import { explain } from '../../engine/layers/parameterErrors.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import { hasErrors, ProblemList } from '../graphView/problemsList.tsx';
import { useInference } from '../store/documentInference.ts';
import { useProblems } from '../store/documentProblems.ts';
import { endGesture } from '../store/openDocument.ts';
import { editGraph, useGraph } from '../store/openDrawing.ts';
import { FieldForm } from '../ui/fields/fieldForm.tsx';
import { bytes, count, plural, short } from '../ui/numberFormat.ts';
import { Figure } from './figure.tsx';
import { deleteSelection, duplicateSelection } from './gestures.ts';

export function SeveralInspector({ ids }: { ids: readonly NodeId[] }) {
  const inference = useInference();
  const diagnoses = useProblems().filter(({ node }) => node !== null && ids.includes(node));
  return (
    <>
      <header className="section inspector-head">
        <h1>{count(ids.length)} layers</h1>
        <p className="dim">{kindsText(ids, inference)}</p>
      </header>
      {diagnoses.length > 0 && (
        <section className="section" aria-label="Problems of these layers">
          <h2 {...(hasErrors(diagnoses) && { className: 'bad' })}>{plural(diagnoses.length, 'problem')}</h2>
          <ProblemList diagnoses={diagnoses} linked />
        </section>
      )}
      <SharedForm ids={ids} />
      <Together ids={ids} inference={inference} />
    </>
  );
}

/** `3 Conv2d, 2 ReLU` */
function kindsText(ids: readonly NodeId[], { nodes }: Inference): string {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const kind = nodes.get(id)?.node.kind ?? '';
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, times]) => `${times} ${kind}`).join(', ');
}

function SharedForm({ ids }: { ids: readonly NodeId[] }) {
  const { nodes } = useGraph();
  const chosen = ids.map(id => nodes[id]!);
  const kinds = chosen.map(({ kind }) => layerKind(kind));
  const fields = kinds.every(kind => kind !== undefined) ? commonFields(kinds) : {};
  const ownValue = (name: string, i: number) => chosen[i]!.params[name] ?? kinds[i]!.fields[name]!.initial;
  const values = Object.fromEntries(
    Object.keys(fields).map(name => [name, commonValue(ids.map((_, i) => ownValue(name, i)))]),
  );
  if (Object.keys(fields).length === 0) {
    return (
      <section className="section" aria-label="Parameters">
        <h2>Parameters</h2>
        <p className="dim">These layers share no parameter.</p>
      </section>
    );
  }
  return (
    <section className="section" aria-label="Parameters">
      <h2>Parameters they share</h2>
      <FieldForm
        // Another selection has links and texts of its own.
        key={ids.join(' ')}
        id={`several-${ids.length}`}
        fields={fields}
        values={values}
        errors={errorsOf(
          fields,
          (name, i) => ({ node: chosen[i]!.name, value: ownValue(name, i) }),
          ids.length,
        )}
        onChange={(name, value) =>
          editGraph(graph => setShared(graph, ids, name, value), `${ids.join(' ')} ${name}`)
        }
        onDone={endGesture}
      />
    </section>
  );
}

/** What is wrong with one of several values, and whose it is. */
function errorsOf(
  fields: Fields,
  ownValue: (name: string, i: number) => { node: string; value: unknown },
  many: number,
): Record<string, string | undefined> {
  const first = (name: string) => {
    for (let i = 0; i < many; i++) {
      const { node, value } = ownValue(name, i);
      const error = explain(fields[name]!, value);
      if (error) return `${node}: ${error}`;
    }
    return undefined;
  };
  return Object.fromEntries(Object.keys(fields).map(name => [name, first(name)]));
}

function Together({ ids, inference }: { ids: readonly NodeId[]; inference: Inference }) {
  const figures = ids.flatMap(id => inference.nodes.get(id)?.figures ?? []);
  const sum = (of: (item: (typeof figures)[number]) => number) =>
    figures.reduce((total, item) => total + of(item), 0);
  const unknown = ids.length - figures.length;
  return (
    <section className="section" aria-label="Together">
      <h2>Together</h2>
      <dl>
        <Figure label="Parameters" value={count(sum(item => item.parameters))} />
        <Figure label="MACs for one image" value={short(sum(item => item.macs))} />
        <Figure label="Activations for one image" value={bytes(sum(item => item.activationBytes))} />
      </dl>
      {unknown > 0 && <p className="tiny">Without {plural(unknown, 'layer')} that has no figures yet.</p>}
      <div className="inspector-actions">
        <Button onClick={duplicateSelection}>Duplicate</Button>
        <Button color="red" onClick={() => deleteSelection(true)}>
          Delete
        </Button>
      </div>
    </section>
  );
}
