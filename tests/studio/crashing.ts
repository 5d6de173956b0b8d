/** A studio in a process of its own, for a test to kill: trains the sample and tells the run's id once it learns. */
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import { openStudio } from '../../src/main/studio/studio.ts';

const studio = await openStudio({ workspace: process.argv[2]!, roots: [], workers: 1, restarted: false });
const [windowEnd, studioEnd] = queueChannels();
studio.connect(studioEnd);
let learning = 0;
const calls = connectWindow(windowEnd, {
  event(event) {
    if (event.type === 'dataset' && event.dataset.state === 'ready') void start();
    if (event.type === 'run' && event.run.step > 0 && ++learning === 3) process.send!(event.run.id);
  },
});

async function start(): Promise<void> {
  const [project] = (await calls.snapshot()).projects;
  const { document } = await calls.openProject(project!.id);
  const training = { ...document.training, epochs: 2, batchSize: 16 };
  await calls.updateProject(project!.id, { ...document, training }, 1);
  await calls.startRun({ project: project!.id, name: 'doomed' });
}
