/** Studios over a temporary workspace, and windows at them, for one test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import type { ProjectDocument } from '../../src/engine/graph/document.ts';
import { openStudio, type Studio } from '../../src/main/studio/studio.ts';

/** Each test has a workspace of its own; its studios are closed after it. */
export function temporaryStudios() {
  let workspace: string;
  const studios: Studio[] = [];
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), 'receptive-studio-'));
  });
  afterEach(async () => {
    await Promise.all(studios.splice(0).map(studio => studio.close()));
    rmSync(workspace, { recursive: true, force: true });
  });
  const windowOf = (studio: Studio) => {
    const [windowEnd, studioEnd] = queueChannels();
    const events: StudioEvent[] = [];
    studio.connect(studioEnd);
    const calls = connectWindow(windowEnd, { event: event => void events.push(event) });
    return { calls, events, close: () => windowEnd.close() };
  };
  const open = async (restarted = false) => {
    const studio = await openStudio({ workspace, roots: [], workers: 2, restarted });
    studios.push(studio);
    return { studio, ...windowOf(studio) };
  };
  return { workspace: () => workspace, studios, open, windowOf };
}

export type Calls = Awaited<ReturnType<ReturnType<typeof temporaryStudios>['open']>>['calls'];

export async function sampleReady(calls: Calls): Promise<void> {
  const isReady = async () => (await calls.snapshot()).datasets.some(({ state }) => state === 'ready');
  await vi.waitFor(async () => expect(await isReady()).toBe(true), { timeout: 60_000, interval: 50 });
}

/** The sample's first project, with other settings. */
export async function sample(calls: Calls, training: Partial<ProjectDocument['training']>): Promise<Id> {
  await sampleReady(calls);
  const [summary] = (await calls.snapshot()).projects;
  const { document } = await calls.openProject(summary!.id);
  await calls.updateProject(summary!.id, { ...document, training: { ...document.training, ...training } }, 1);
  return summary!.id;
}

export const state = async (calls: Calls, id: Id): Promise<RunSummary> => {
  const { runs } = await calls.snapshot();
  return runs.find(run => run.id === id)!;
};

export const reaches = (calls: Calls, id: Id, wanted: RunSummary['state']) =>
  vi.waitFor(async () => expect((await state(calls, id)).state).toBe(wanted), {
    timeout: 60_000,
    interval: 20,
  });
