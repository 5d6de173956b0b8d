/** The Design place: palette, canvas, inspector. */
import { ReactFlowProvider } from '@xyflow/react';
import { layerKind } from '../../engine/layers/registry.ts';
import { ZooGallery } from '../graphView/zooGallery.tsx';
import { useDocument } from '../store/openDocument.ts';
import { useGraph, useScope } from '../store/openDrawing.ts';
import { drawModel } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { chosenDataset } from '../store/trainingRun.ts';
import { Canvas } from './canvas.tsx';
import { CanvasProvider } from './canvasHandle.tsx';
import { useReveal } from './canvasView.ts';
import { useClipboard } from './clipboard.ts';
import { CodePanel } from './code/codePanel.tsx';
import { openCode } from './code/panelState.ts';
import { ContextMenu } from './contextMenu.tsx';
import { addAt } from './gestures.ts';
import { Inspector } from './inspector.tsx';
import { Palette } from './palette.tsx';
import { QuickAdd } from './quickAdd.tsx';
import './design.css';
import './canvas.css';
import './blocks.css';
import './notes.css';

export function Design() {
  return (
    <ReactFlowProvider>
      <CanvasProvider>
        <Board />
      </CanvasProvider>
    </ReactFlowProvider>
  );
}

function Board() {
  useClipboard();
  useReveal();
  const isWhole = useScope(state => state.scope === '');
  const isEmpty = Object.keys(useGraph().nodes).length === 0 && isWhole;
  return (
    <main className="design">
      <Palette />
      <div className="design-middle">
        <div className="design-board">
          <Canvas>{isEmpty && <EmptyCanvas />}</Canvas>
        </div>
        <CodePanel />
      </div>
      <Inspector />
      <QuickAdd />
      <ContextMenu />
    </main>
  );
}

/** Networks to start from, made for the dataset that the project trains on where it has one. */
function EmptyCanvas() {
  const input = layerKind('Input');
  const document = useDocument(state => state.document);
  const dataset = useStudio(state => chosenDataset(document, state.datasets));
  return (
    <div className="design-empty">
      <ZooGallery
        images={dataset?.state === 'ready' ? dataset : null}
        onInput={() => input && addAt(input, { x: 0, y: 0 })}
        onCode={() => openCode('paste')}
        onChoose={drawModel}
      />
    </div>
  );
}
