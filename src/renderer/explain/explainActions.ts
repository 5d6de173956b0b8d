/** What Explain shows, from everywhere by its name, and of a selected layer from the canvas. */

import type { Action } from '../actions/action.ts';
import { selectedNode } from '../store/canvasSelection.ts';
import { inferenceNow } from '../store/documentInference.ts';
import { scopeNow } from '../store/openDrawing.ts';
import { explain } from './explainState.ts';
import { views } from './views.ts';

/** The layer in hand, by its id in the whole network; a copy of a block is none. */
function layerInHand(): string | undefined {
  const node = selectedNode();
  return node !== undefined && inferenceNow().nodes.get(node)?.kind ? scopeNow() + node : undefined;
}

const ofLayer = {
  place: 'design',
  group: 'View',
  keys: [],
  when: () => layerInHand() !== undefined,
} as const;

export const explainActions: readonly Action[] = [
  ...views.map(
    ({ id, title }): Action => ({
      id: `explain-${id}`,
      group: 'Go to',
      title: `Explain: ${title}`,
      keys: [],
      run: () => explain(id),
    }),
  ),
  { ...ofLayer, id: 'layer-maps', title: 'Its feature maps', run: () => explain('maps', layerInHand()) },
  { ...ofLayer, id: 'layer-field', title: 'Its receptive field', run: () => explain('field', layerInHand()) },
  {
    ...ofLayer,
    id: 'layer-why',
    title: 'What its maps say of the answer',
    run: () => explain('why', layerInHand()),
  },
];
