/** A change that is refused is sent again where that may help, and only there; one project's never holds another's up. */
import { beforeEach, expect, it, vi } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { idOf } from '../ids.ts';

const updateProject = vi.hoisted(() => vi.fn());
const journal = vi.hoisted(() => ({ keepUnsent: vi.fn(), forgetUnsent: vi.fn(), unsent: vi.fn() }));
vi.mock('../../src/renderer/store/connection.ts', () => ({ studio: () => ({ updateProject }) }));
vi.mock('../../src/renderer/store/journal.ts', () => journal);

const { recoverUnsent, startAutosave, useAutosave } = await import('../../src/renderer/store/autosave.ts');
const { useDocument } = await import('../../src/renderer/store/openDocument.ts');
const { useStudio } = await import('../../src/renderer/store/studioState.ts');

startAutosave();

const refusal = (name: string) => Object.assign(new Error('It is not kept.'), { name });
const edit = (name: string) => useDocument.setState({ document: newDocument(name) });

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  useDocument.setState({ project: idOf(1), document: newDocument('before') });
});

it('what the disk refuses is sent again until it is kept', async () => {
  updateProject.mockRejectedValue(refusal('DiskTrouble'));
  edit('changed');
  await vi.advanceTimersByTimeAsync(11_000);
  expect(updateProject).toHaveBeenCalledTimes(3);
  expect(useAutosave.getState()).toEqual({ pending: true, error: 'It is not kept.' });
  updateProject.mockResolvedValue(undefined);
  await vi.advanceTimersByTimeAsync(6000);
  expect(useAutosave.getState()).toEqual({ pending: false, error: null });
});

it.each(['UserError', 'TypeError'])('what is refused for good is sent once, and said: %s', async name => {
  updateProject.mockRejectedValue(refusal(name));
  edit('changed');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(updateProject).toHaveBeenCalledTimes(1);
  expect(useAutosave.getState()).toEqual({ pending: true, error: 'It is not kept.' });
  expect(journal.forgetUnsent).not.toHaveBeenCalled();
  updateProject.mockResolvedValue(undefined);
  edit('changed again');
  await vi.advanceTimersByTimeAsync(1000);
  expect(useAutosave.getState()).toEqual({ pending: false, error: null });
});

it('of what an earlier window left, what is refused stays and holds nothing else up', async () => {
  const document = newDocument('left');
  const [first, second] = [idOf(1), idOf(2)];
  // biome-ignore lint/suspicious/noExplicitAny: only their ids are looked at
  useStudio.setState({ projects: { [first]: {}, [second]: {} } as any });
  journal.unsent.mockReturnValue([
    { project: first, document },
    { project: second, document },
  ]);
  updateProject.mockImplementation(project =>
    project === first ? Promise.reject(refusal('UserError')) : Promise.resolve(),
  );
  await expect(recoverUnsent()).rejects.toThrow('It is not kept.');
  expect(journal.forgetUnsent.mock.calls).toEqual([[second]]);
});
