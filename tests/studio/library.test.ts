/** The library of blocks is sent to every window whole: however much is kept, a window opens. */
import { expect, test } from 'vitest';
import { encode } from '../../src/bridge/codec.ts';
import { newId } from '../../src/bridge/ids.ts';
import { Library } from '../../src/main/studio/libraryService.ts';
import { openFor, temporaryFolder } from '../database/temporary.ts';

function blockOf(characters: number) {
  const comments = Object.fromEntries(
    Array.from({ length: Math.ceil(characters / 10_000) }, (_, at) => [
      `c${at}`,
      { text: 'x'.repeat(10_000), x: 0, y: 0 },
    ]),
  );
  return { block: 'b', blocks: { b: { name: 'b', graph: { nodes: {}, edges: [], comments }, exposed: [] } } };
}

test('blocks beyond what a window is sent are refused, and those that lie there already left out', () => {
  const workspace = openFor(temporaryFolder());
  const library = new Library(workspace, () => {});
  expect(() => library.keep({ name: 'huge', ...blockOf(2_000_000) })).toThrow(
    /^The block huge has \d+ characters: the library keeps blocks of at most 1048576\.$/,
  );
  for (let at = 0; at < 4; at++) library.keep({ name: `large ${at}`, ...blockOf(1_000_000) });
  expect(() => library.keep({ name: 'one more', ...blockOf(1_000_000) })).toThrow(/^The library is full/);
  library.keep({ name: 'large 0', ...blockOf(1_000_000) });
  for (let at = 0; at < 10; at++) {
    const content = JSON.stringify(blockOf(9_000_000));
    workspace.library.put({ id: newId(), name: `a from elsewhere ${at}`, content }, 0);
  }
  expect(library.list().map(({ name }) => name)).toEqual([0, 1, 2, 3].map(at => `large ${at}`));
  expect(encode(library.list()).length).toBeLessThan(8 * 2 ** 20);
});
