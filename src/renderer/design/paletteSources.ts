/** In the palette: layers to add, and those that are drawn. */
import { layerKinds } from '../../engine/layers/registry.ts';
import type { PaletteSource } from '../actions/contribution.ts';
import { showLayer } from '../graphView/showNode.ts';
import { goTo } from '../store/activePage.ts';
import { wholeInferenceNow } from '../store/documentInference.ts';
import { addAfterSelection } from './gestures.ts';

export const paletteSources: readonly PaletteSource[] = [
  {
    order: 20,
    entries: () =>
      layerKinds().map(kind => ({
        group: 'Add',
        title: kind.kind,
        run: () => {
          goTo('design');
          addAfterSelection(kind, { x: 0, y: 0 });
        },
      })),
  },
  {
    order: 30,
    entries: () =>
      [...wholeInferenceNow().nodes].map(([id, { node }]) => ({
        group: 'Layer',
        title: `${node.name} · ${node.kind}`,
        run: () => showLayer(id),
      })),
  },
];
