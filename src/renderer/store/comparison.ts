/** Which networks are laid side by side: several to choose from, two at a time. */
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import { type Graph, parseDocument } from '../../engine/graph/document.ts';
import { studio } from './connection.ts';
import { useDocument } from './openDocument.ts';

export interface ComparedNetwork {
  readonly name: string;
  readonly graph: Graph;
}

interface ComparisonState {
  /** Empty while nothing is compared. */
  networks: readonly ComparedNetwork[];
  before: number;
  after: number;
}

export const useNetworks = create<ComparisonState>(() => ({ networks: [], before: 0, after: 1 }));

function compare(networks: readonly ComparedNetwork[]): void {
  if (networks.length >= 2) useNetworks.setState({ networks, before: 0, after: 1 });
}

export function closeComparison(): void {
  useNetworks.setState({ networks: [] });
}

/** Another project's network with the open one's. Rejects where the project cannot be read. */
export async function compareWithProject(id: Id, name: string): Promise<void> {
  const { text } = await studio().exportProject(id);
  const { document } = useDocument.getState();
  compare([
    { name, graph: parseDocument(text).graph },
    { name: document.name, graph: document.graph },
  ]);
}

/** The networks that runs were trained with, the oldest first. Rejects where one cannot be read. */
export async function compareRuns(
  runs: readonly { id: Id; name: string; startedAt: number }[],
): Promise<void> {
  const inOrder = [...runs].sort((a, b) => a.startedAt - b.startedAt);
  const details = await Promise.all(inOrder.map(({ id }) => studio().run(id)));
  compare(details.map(({ name, document }) => ({ name, graph: document.graph })));
}
