/** The Design place: palette, canvas, inspector. */
import { Button } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { ReactFlowProvider } from '@xyflow/react';
import { layerKind } from '../../engine/layers/registry.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import { editGraph, useGraph } from '../store/document.ts';
import { Canvas } from './canvas.tsx';
import { CodePanel } from './code/codePanel.tsx';
import { openCode } from './code/panel.ts';
import { addAt } from './gestures.ts';
import { Inspector } from './inspector.tsx';
import { useCanvasKeys } from './keyboard.ts';
import { Palette } from './palette.tsx';
import { QuickAdd } from './quickAdd.tsx';
import { useReveal } from './view.ts';
import '@xyflow/react/dist/base.css';
import './design.css';
import './canvas.css';

export function Design() {
  return (
    <ReactFlowProvider>
      <Board />
    </ReactFlowProvider>
  );
}

function Board() {
  useCanvasKeys();
  useReveal();
  const isEmpty = Object.keys(useGraph().nodes).length === 0;
  return (
    <main className="design">
      <Palette />
      <div className="design-middle">
        <div className="design-board">
          <Canvas />
          {isEmpty && <EmptyCanvas />}
        </div>
        <CodePanel />
      </div>
      <Inspector />
      <QuickAdd />
    </main>
  );
}

function EmptyCanvas() {
  const input = layerKind('Input');
  return (
    <div className="empty design-empty">
      <IconStack2 size={36} stroke={1.2} />
      <h2>Draw a network</h2>
      <p>
        Drag layers from the left, or press Tab and type their names. An Input comes first; every edge shows
        the shape of what flows through it.
      </p>
      <div className="actions">
        {input && (
          <Button variant="filled" onClick={() => addAt(input, { x: 0, y: 0 })}>
            Add an Input
          </Button>
        )}
        <Button onClick={() => openCode('paste')}>Paste code</Button>
        {zooModels().map(model => (
          <Button
            key={model.name}
            title={model.summary}
            onClick={() => editGraph(() => model.build(model.input, model.classes))}
          >
            {model.title}
          </Button>
        ))}
      </div>
    </div>
  );
}
