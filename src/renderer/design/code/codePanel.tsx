/** The panel below the canvas: the network as PyTorch and as Keras, and a place to paste code. */
import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconCopy, IconDownload, IconX } from '@tabler/icons-react';
import { type PointerEvent, useDeferredValue, useMemo, useRef } from 'react';
import { type CodeLine, codeText } from '../../../engine/formats/code.ts';
import { kerasCode } from '../../../engine/formats/keras.ts';
import { pytorchCode } from '../../../engine/formats/pytorch.ts';
import { useTitle } from '../../actions/shortcuts.ts';
import { host } from '../../store/currentHost.ts';
import { useWholeInference } from '../../store/documentInference.ts';
import { useDocument } from '../../store/openDocument.ts';
import { attempt, showMessage } from '../../ui/toast.tsx';
import { CodeView } from './codeView.tsx';
import { type CodeTab, closeCode, LOWEST_PANEL, resizeCode, useCodePanel } from './panelState.ts';
import { PasteCode } from './pasteCode.tsx';
import './code.css';

const TABS: readonly { readonly value: CodeTab; readonly label: string }[] = [
  { value: 'pytorch', label: 'PyTorch' },
  { value: 'keras', label: 'Keras' },
  { value: 'paste', label: 'Paste code' },
];

export function CodePanel() {
  const isOpen = useCodePanel(state => state.isOpen);
  return isOpen ? <OpenPanel /> : null;
}

function OpenPanel() {
  const { height, tab } = useCodePanel();
  return (
    <section className="code-panel" aria-label="Code" style={{ height }}>
      <Resizer height={height} />
      {tab === 'paste' ? (
        <>
          <Head tab={tab} lines={null} />
          <PasteCode />
        </>
      ) : (
        <Written tab={tab} />
      )}
    </section>
  );
}

function Written({ tab }: { tab: 'pytorch' | 'keras' }) {
  const lines = useCode(tab);
  return (
    <>
      <Head tab={tab} lines={lines} />
      <CodeView
        key={tab}
        label={tab === 'pytorch' ? 'PyTorch code' : 'Keras code'}
        lines={lines}
        isApart={tab === 'keras'}
      />
    </>
  );
}

/** The code of the whole network as it stands, whatever block is open; a drag on the canvas goes before it. */
function useCode(tab: 'pytorch' | 'keras'): readonly CodeLine[] {
  const name = useDocument(state => state.document.name);
  const inference = useDeferredValue(useWholeInference());
  return useMemo(
    () => (tab === 'pytorch' ? pytorchCode : kerasCode)(name, inference),
    [tab, name, inference],
  );
}

function Head({ tab, lines }: { tab: CodeTab; lines: readonly CodeLine[] | null }) {
  const closeTitle = useTitle('Close', 'code');
  return (
    <header className="code-head">
      <SegmentedControl
        aria-label="What the code panel shows"
        data={[...TABS]}
        value={tab}
        onChange={value => useCodePanel.setState({ tab: value as CodeTab })}
      />
      {lines && (
        <>
          <ActionIcon aria-label="Copy the code" title="Copy the code" onClick={() => copy(lines)}>
            <IconCopy size={16} />
          </ActionIcon>
          <ActionIcon aria-label="Save as a file" title="Save as a file" onClick={() => save(tab, lines)}>
            <IconDownload size={16} />
          </ActionIcon>
        </>
      )}
      <ActionIcon className="code-close" aria-label="Close the code" title={closeTitle} onClick={closeCode}>
        <IconX size={16} />
      </ActionIcon>
    </header>
  );
}

async function copy(lines: readonly CodeLine[]): Promise<void> {
  await attempt(async () => {
    await navigator.clipboard.writeText(codeText(lines));
    showMessage('The code is on the clipboard.');
  }, 'The code was not copied');
}

async function save(tab: CodeTab, lines: readonly CodeLine[]): Promise<void> {
  await attempt(async () => {
    const { name } = useDocument.getState().document;
    const stem = name.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'network';
    const path = await host().saveFile(`${stem}_${tab}.py`, codeText(lines));
    if (path !== undefined) showMessage(`Saved as ${path}.`);
  }, 'The file was not written');
}

/** How much of the place the canvas keeps. */
const LEAST_CANVAS_HEIGHT = 140;
const RESIZE_STEP = 24;

/** The panel's upper edge: dragged, or moved by arrow keys. */
function Resizer({ height }: { height: number }) {
  const start = useRef<{ y: number; height: number } | null>(null);
  const highest = () => (document.querySelector('.design-middle')?.clientHeight ?? 600) - LEAST_CANVAS_HEIGHT;
  const drag = (event: PointerEvent) => {
    if (start.current) resizeCode(start.current.height + start.current.y - event.clientY, highest());
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr takes neither focus nor keys; this is WAI-ARIA's window splitter
    <div
      className="code-resizer"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the code panel"
      aria-valuenow={height}
      aria-valuemin={LOWEST_PANEL}
      tabIndex={0}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { y: event.clientY, height };
      }}
      onPointerMove={drag}
      onPointerUp={() => {
        start.current = null;
      }}
      onKeyDown={event => {
        const steps: Readonly<Record<string, number>> = { ArrowUp: RESIZE_STEP, ArrowDown: -RESIZE_STEP };
        const step = steps[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        resizeCode(height + step, highest());
      }}
    />
  );
}
