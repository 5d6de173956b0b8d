/**
 * Parts of the window drawn into jsdom, joined to a studio that a test plays: every call goes through the bridge, and
 * what it was given is kept. A person's keys and clicks are user-event's.
 */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { afterEach, expect } from 'vitest';
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { Snapshot, StudioCalls } from '../../src/bridge/contract.ts';
import { connectStudio } from '../../src/bridge/rpc.ts';
import type { Host } from '../../src/bridge/windowHost.ts';
import { stayConnected } from '../../src/renderer/store/connection.ts';
import { setHost } from '../../src/renderer/store/currentHost.ts';
import { queries } from '../../src/renderer/store/pulled.ts';
import { useStudio } from '../../src/renderer/store/studioState.ts';
import { cssVariables, theme } from '../../src/renderer/styles/theme.ts';

/** The size that every element has: jsdom lays nothing out, and what is drawn only in sight asks for it. */
const [WIDTH, HEIGHT] = [1600, 900];

standIn();
afterEach(() => {
  cleanup();
  queries.clear();
  localStorage.clear();
});

/** What jsdom lacks of a browser and the window's parts ask for. */
function standIn(): void {
  Object.defineProperties(HTMLElement.prototype, {
    clientWidth: { get: () => WIDTH },
    clientHeight: { get: () => HEIGHT },
  });
  // A text area that grows asks whether letters are there yet.
  Object.defineProperty(document, 'fonts', { value: new EventTarget() });
  Element.prototype.scrollIntoView = () => {};
  globalThis.matchMedia ??= query =>
    Object.assign(new EventTarget(), {
      matches: false,
      media: query,
      onchange: null,
      addListener: () => {},
      removeListener: () => {},
    });
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
}

/** A call that reached the studio. */
export interface Received {
  readonly call: string;
  readonly args: unknown[];
}

const EMPTY: Snapshot = {
  environment: {
    backend: 'test',
    backendNote: null,
    workers: 1,
    workspace: '/workspace',
    version: '0',
    roots: [],
  },
  projects: [],
  datasets: [],
  runs: [],
  earlierRuns: null,
  jobs: [],
  library: [],
  rateSearch: null,
  notice: null,
};

/** What the studio that is played last has received. */
let received: Received[] = [];
let calls: Partial<StudioCalls> = {};
let isConnecting = false;
let end = () => {};

/**
 * Joins the window to a studio that answers these calls and no others.
 *
 * @returns what it received since, beside the snapshot
 */
export async function playStudio(
  answers: Partial<StudioCalls>,
  snapshot: Partial<Snapshot> = {},
): Promise<Received[]> {
  received = [];
  calls = { ...answers, snapshot: async () => ({ ...EMPTY, ...snapshot }) };
  end();
  useStudio.setState({ connection: 'connecting' });
  setHost(host);
  // It connects again by itself for as long as the window lives.
  if (!isConnecting) void stayConnected(() => {});
  isConnecting = true;
  await waitFor(() => expect(useStudio.getState().connection).toBe('ready'));
  return received;
}

/** A host without a folder dialog of its own, as a browser is. */
const host: Host = {
  kind: 'web',
  async connect() {
    const [near, far] = queueChannels();
    const answering = Object.entries(calls).map(([call, answer]) => [
      call,
      (...args: unknown[]) => {
        if (call !== 'snapshot') received.push({ call, args });
        return (answer as (...args: unknown[]) => unknown)(...args);
      },
    ]);
    connectStudio(far, Object.fromEntries(answering) as StudioCalls, () => {});
    end = () => near.close();
    return near;
  },
  mediaUrl: path => path,
  openTextFile: async () => undefined,
  saveFile: async () => undefined,
  setTitle: () => {},
};

/** Draws a part of the window. @returns the person who looks at it */
export function draw(part: ReactNode) {
  const person = userEvent.setup({ delay: null });
  render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
      <QueryClientProvider client={queries}>
        <Notifications />
        {part}
      </QueryClientProvider>
    </MantineProvider>,
  );
  return person;
}
