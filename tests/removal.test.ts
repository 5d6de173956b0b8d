/** Nothing is removed that does not lie inside its root, whatever its path says and wherever links lead. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeInside, removeInsideSync } from '../src/main/removal.ts';
import { temporaryFolder } from './database/temporary.ts';

function folders() {
  const folder = temporaryFolder();
  const root = join(folder, 'root');
  mkdirSync(join(root, 'inner', 'deep'), { recursive: true });
  mkdirSync(join(folder, 'root-sibling'));
  writeFileSync(join(root, 'inner', 'file'), 'inside');
  writeFileSync(join(folder, 'precious'), 'outside');
  return { folder, root };
}

it.each([
  ['the root itself', '.'],
  ['the root, the long way', 'inner/..'],
  ['what is above', '..'],
  ['what is far above', '../../..'],
  ['a file beside the root', '../precious'],
  ['a folder whose name begins as the root', '../root-sibling'],
  ['through the inside and out again', 'inner/../../precious'],
])('%s is left alone', async (_, relative) => {
  const { folder, root } = folders();
  // As it comes from a careless caller: not resolved.
  const path = `${root}/${relative}`;
  expect(() => removeInsideSync(root, path)).toThrow('is not inside');
  await expect(removeInside(root, path)).rejects.toThrow('is not inside');
  expect(readdirSync(folder)).toEqual(['precious', 'root', 'root-sibling']);
  expect(readdirSync(root)).toEqual(['inner']);
});

it('a link goes, and what it leads to stays', () => {
  const { folder, root } = folders();
  symlinkSync(folder, join(root, 'link'));
  removeInsideSync(root, join(root, 'link'));
  expect(existsSync(join(root, 'link'))).toBe(false);
  expect(existsSync(join(folder, 'precious'))).toBe(true);
});

it('a path that leaves the root by a link is refused', () => {
  const { folder, root } = folders();
  symlinkSync(folder, join(root, 'link'));
  expect(() => removeInsideSync(root, join(root, 'link', 'precious'))).toThrow('is not inside');
  expect(existsSync(join(folder, 'precious'))).toBe(true);
});

it('a folder goes with all in it, links in it without what they lead to, and one that is not there is no fault', () => {
  const { folder, root } = folders();
  symlinkSync(folder, join(root, 'inner', 'deep', 'link'));
  removeInsideSync(root, join(root, 'inner'));
  removeInsideSync(root, join(root, 'inner'));
  removeInsideSync(join(folder, 'nowhere'), join(folder, 'nowhere', 'inner'));
  expect(readdirSync(root)).toEqual([]);
  expect(existsSync(join(folder, 'precious'))).toBe(true);
});
