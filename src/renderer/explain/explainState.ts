/** What Explain looks at: which view, which weights, which image, which layer. One choice for all views. */
import { create } from 'zustand';
import type { CheckpointKind, ImageSource } from '../../bridge/explainCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import { goTo } from '../store/activePage.ts';

export interface OwnImage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface ExplainState {
  view: string;
  /** Which part of Sweep is open, and which numbers it begins with. */
  part: string;
  preset: string;
  /** Null: the project's latest run, or where there is none, random weights. */
  weights: 'seed' | { readonly run: Id; readonly kind: CheckpointKind } | null;
  /** Which image of the dataset. */
  index: number;
  /** An image of one's own, in place of the dataset's. */
  own: OwnImage | null;
  node: NodeId | null;
}

const INITIAL_SUBJECT = { weights: null, index: 0, own: null, node: null } as const;

export const useExplain = create<ExplainState>(() => ({
  view: 'sweep',
  part: 'plane',
  preset: '5×5×3 · K 2 · F 3 · S 2 · P 1',
  ...INITIAL_SUBJECT,
}));

export function forgetSubject(): void {
  useExplain.setState(INITIAL_SUBJECT);
}

/** Opens a view, of a layer where one is named. */
export function explain(view: string, node: NodeId | null = null): void {
  useExplain.setState(state => ({ view, node: node ?? state.node }));
  goTo('explain');
}

export function sourceOf(own: OwnImage | null, dataset: Id | undefined, index: number): ImageSource | null {
  if (own) return { from: 'file', bytes: own.bytes };
  return dataset === undefined ? null : { from: 'dataset', dataset, index };
}
