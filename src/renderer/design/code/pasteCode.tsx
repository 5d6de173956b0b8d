/** A place to paste or type nn.Sequential(…): what it would become shows at once, and a mistake at its character. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { type RefObject, useDeferredValue, useMemo, useRef } from 'react';
import { create } from 'zustand';
import type { SourcePosition } from '../../../engine/formats/pythonTokens.ts';
import { type PastedCode, readPastedCode } from '../../../engine/formats/sequentialText.ts';
import type { Graph } from '../../../engine/graph/document.ts';
import { infer } from '../../../engine/graph/infer.ts';
import { shapeText } from '../../../engine/layers/shape.ts';
import { useGraph } from '../../store/openDrawing.ts';
import { count, plural, UNKNOWN_FIGURE } from '../../ui/numberFormat.ts';
import { ScrollRegion } from '../../ui/scrollRegion.tsx';
import { addPasted, imageAtHand, replaceByPasted } from '../pasting.ts';
import { Highlighted } from './highlight.tsx';

/** What was typed; it stays while the window lives. */
const useDraft = create<{ text: string }>(() => ({ text: '' }));

const EXAMPLE = `nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(8 * 14 * 14, 10),
)`;

export function PasteCode() {
  const text = useDraft(state => state.text);
  const field = useRef<HTMLTextAreaElement>(null);
  const pasted = usePasted(text);
  const graph = pasted && 'graph' in pasted ? pasted.graph : null;
  const isEmpty = Object.keys(useGraph().nodes).length === 0;
  return (
    <div className="paste-code">
      <Editor text={text} mistake={pasted && 'error' in pasted ? pasted.error.place : null} field={field} />
      <div className="paste-side">
        <ScrollRegion label="What was read" ref={null}>
          <div className="paste-findings" role="status">
            {pasted ? <Findings pasted={pasted} text={text} field={field} /> : <Invitation />}
          </div>
        </ScrollRegion>
        <div className="paste-actions">
          <Button disabled={!graph || isEmpty} onClick={() => graph && addPasted(graph)}>
            Add to the canvas
          </Button>
          <Button variant="filled" disabled={!graph} onClick={() => graph && replaceByPasted(graph)}>
            Replace the network
          </Button>
        </div>
      </div>
    </div>
  );
}

/** What the text means; null where there is none. A long one is read when there is time. */
function usePasted(text: string): PastedCode | null {
  const settled = useDeferredValue(text);
  return useMemo(() => (settled.trim() ? readPastedCode(settled, imageAtHand()) : null), [settled]);
}

interface EditorProps {
  text: string;
  mistake: SourcePosition | null;
  field: RefObject<HTMLTextAreaElement | null>;
}

function Editor({ text, mistake, field }: EditorProps) {
  const behind = useRef<HTMLPreElement>(null);
  const lines = text.split('\n');
  return (
    <div className="paste-editor">
      <pre aria-hidden="true" ref={behind}>
        {lines.map((line, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is nothing but its place
          <div key={i}>
            {mistake?.line === i + 1 ? (
              <Marked line={line} place={mistake} />
            ) : (
              <Highlighted line={line} />
            )}{' '}
          </div>
        ))}
      </pre>
      <textarea
        ref={field}
        aria-label="Code to paste"
        aria-invalid={mistake !== null}
        spellCheck={false}
        autoComplete="off"
        wrap="off"
        placeholder={EXAMPLE}
        value={text}
        onChange={event => {
          useDraft.setState({ text: event.target.value });
          const isPaste = (event.nativeEvent as InputEvent).inputType === 'insertFromPaste';
          if (isPaste) showMistake(event.target);
        }}
        onScroll={({ currentTarget }) => {
          behind.current?.scrollTo(currentTarget.scrollLeft, currentTarget.scrollTop);
        }}
      />
    </div>
  );
}

/** What was pasted is not being typed: the caret goes where it cannot be read. */
function showMistake(field: HTMLTextAreaElement): void {
  const pasted = readPastedCode(field.value, imageAtHand());
  // React sets the value first, and with it the caret to its end.
  if ('error' in pasted) setTimeout(() => placeCaret(field, pasted.error.place));
}

function Marked({ line, place: { column, length } }: { line: string; place: SourcePosition }) {
  const from = column - 1;
  return (
    <>
      <Highlighted line={line.slice(0, from)} />
      <mark>{line.slice(from, from + length) || ' '}</mark>
      <Highlighted line={line.slice(from + length)} />
    </>
  );
}

function placeCaret(field: HTMLTextAreaElement | null, { line, column }: SourcePosition): void {
  if (!field) return;
  const before = field.value
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, each) => sum + each.length + 1, 0);
  field.focus();
  field.setSelectionRange(before + column - 1, before + column - 1);
}

interface FindingsProps {
  pasted: PastedCode;
  text: string;
  field: RefObject<HTMLTextAreaElement | null>;
}

function Findings({ pasted, text, field }: FindingsProps) {
  if ('error' in pasted) {
    const { message, place } = pasted.error;
    return <Finding severity="error" message={message} place={place} text={text} field={field} />;
  }
  return (
    <>
      <p className="paste-found">
        <IconCheck size={16} aria-hidden="true" />
        {summary(pasted.graph)}
      </p>
      {pasted.notes.map(({ message, place }) => (
        <Finding
          key={`${place.line}:${place.column} ${message}`}
          severity="warning"
          message={message}
          place={place}
          text={text}
          field={field}
        />
      ))}
    </>
  );
}

interface FindingProps {
  severity: 'error' | 'warning';
  message: string;
  place: SourcePosition;
  text: string;
  field: RefObject<HTMLTextAreaElement | null>;
}

/** What was found, with the line it stands in and a caret below the character; a press leads there. */
function Finding({ severity, message, place, text, field }: FindingProps) {
  const Icon = severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  const { line, indent } = lineAt(text, place);
  return (
    <div className="paste-finding" data-severity={severity}>
      <Icon size={16} aria-label={severity === 'error' ? 'Error' : 'Note'} />
      <button type="button" className="problem-link" onClick={() => placeCaret(field.current, place)}>
        Line {place.line}, column {place.column}: {message}
      </button>
      {severity === 'error' && (
        <pre aria-hidden="true">
          {line}
          {'\n'}
          {' '.repeat(place.column - 1 - indent)}
          {'^'.repeat(Math.max(1, Math.min(place.length, line.length - (place.column - 1 - indent))))}
        </pre>
      )}
    </div>
  );
}

/** The line of a place without what stands before its first word, and how much that was. */
function lineAt(text: string, place: SourcePosition): { line: string; indent: number } {
  const whole = text.split('\n')[place.line - 1] ?? '';
  const indent = Math.min(whole.length - whole.trimStart().length, place.column - 1);
  return { line: whole.slice(indent).replaceAll('\t', ' '), indent };
}

function summary(graph: Graph): string {
  const { nodes, order, outputs, totals } = infer(graph);
  const shapeOf = (id: string | undefined) => {
    const shape = id === undefined ? undefined : nodes.get(id)?.figures?.shape;
    return shape ? shapeText(shape) : UNKNOWN_FIGURE;
  };
  const flow = `${shapeOf(order[0])} → ${shapeOf(outputs[0])}`;
  return `${plural(order.length - 1, 'layer')} · ${flow} · ${count(totals.parameters)} parameters`;
}

function Invitation() {
  return (
    <p className="dim">
      Paste a network of <code>nn.Sequential(…)</code>, with the functions that make parts of it. It becomes
      layers on the canvas; shapes follow from its Input.
    </p>
  );
}
