/** What a sentence says to type does what it says, wherever the workspace lies. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { argument } from '../../src/main/errorSentences.ts';

it
  .skipIf(process.platform === 'win32')
  .each([
    '/plain/path',
    '/with spaces and ü 雪',
    "/it's",
    '/a "quoted" $HOME `id` \\ ;&|<>',
    '2026-11-30 before',
  ])('%s', text => {
  expect(execFileSync('sh', ['-c', `printf %s ${argument(text)}`], { encoding: 'utf8' })).toBe(text);
});
