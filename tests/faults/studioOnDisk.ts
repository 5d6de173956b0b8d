/** A studio in a process of its own, whose calls a test makes by messages: it lives where the test mounted a disk. */
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import { openStudio } from '../../src/main/studio/studio.ts';

const studio = await openStudio({ workspace: process.argv[2]!, roots: [], workers: 1, restarted: false });
const [windowEnd, studioEnd] = queueChannels();
studio.connect(studioEnd);
const event = (event: StudioEvent) => void process.send!({ event });
const calls = connectWindow(windowEnd, { event }) as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;

process.on('message', async ({ id, call, args }: { id: number; call: string; args: unknown[] }) => {
  try {
    if (call === 'close') await studio.close();
    const result = call === 'close' ? null : await calls[call]!(...args);
    process.send!({ id, result });
    if (call === 'close') process.exit(0);
  } catch (error) {
    const { name, message } = error as Error;
    process.send!({ id, error: { name, message } });
  }
});
process.send!({ ready: true });
