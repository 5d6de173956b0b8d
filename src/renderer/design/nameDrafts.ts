/** Names as they were typed, where the document cannot hold them: kept while other nodes are looked at. */
import { create } from 'zustand';
import type { NodeId } from '../../engine/graph/document.ts';

export const useNameDrafts = create<Readonly<Record<NodeId, string>>>(() => ({}));

export function forgetNameDrafts(): void {
  useNameDrafts.setState({}, true);
}

/** Null: what the document has is what is meant. */
export function draftName(id: NodeId, text: string | null): void {
  const { [id]: _former, ...others } = useNameDrafts.getState();
  useNameDrafts.setState(text === null ? others : { ...others, [id]: text }, true);
}
