/** The Design place: palette, canvas, inspector. */
import { ReactFlowProvider } from '@xyflow/react';
import { layerKind } from '../../engine/layers/registry.ts';
import { ZooGallery } from '../projects/zooGallery.tsx';
import { editGraph, useDocument, useGraph } from '../store/document.ts';
import { graphFor } from '../store/project.ts';
import { useStudio } from '../store/studio.ts';
import { chosenDataset } from '../store/training.ts';
import { Canvas } from './canvas.tsx';
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
        <Canvas>{isEmpty && <EmptyCanvas />}</Canvas>
      </div>
      <Inspector />
      <QuickAdd />
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
        onChoose={model => editGraph(() => graphFor(model))}
      />
    </div>
  );
}
