/** A person's projects: made, changed, saved, copied out and in, deleted. */
import { expect, test } from 'vitest';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { Projects } from '../../src/main/studio/projectService.ts';
import { openFor, temporaryFolder } from './temporary.ts';

function desk(folder = temporaryFolder()) {
  const events: StudioEvent[] = [];
  return { events, projects: new Projects(openFor(folder), event => events.push(event)) };
}

const drawn = () => newDocument('LeNet', lenet.build([1, 28, 28], 10));

test('a change is kept at once, and marked until it is saved', () => {
  const { projects, events } = desk();
  const { id, edited, document } = projects.create(drawn());
  expect(edited).toBe(false);
  expect(document).toEqual(drawn());
  projects.update(id, { ...drawn(), dataset: 'fashion' }, 1);
  expect(projects.open(id)).toMatchObject({ edited: true, document: { dataset: 'fashion' } });
  expect(projects.save(id)).toMatchObject({ id, edited: false });
  expect(events.map(({ type }) => type)).toEqual(['project', 'project', 'project']);
});

test('a project that was changed and changed back is not edited', () => {
  const { projects } = desk();
  const { id } = projects.create(drawn());
  projects.update(id, { ...drawn(), dataset: 'fashion' }, 1);
  projects.update(id, drawn(), 2);
  expect(projects.list()).toMatchObject([{ id, edited: false }]);
});

test('a change that was overtaken is ignored', () => {
  const { projects } = desk();
  const { id } = projects.create(drawn());
  projects.update(id, { ...drawn(), dataset: 'second' }, 2);
  projects.update(id, { ...drawn(), dataset: 'first' }, 1);
  expect(projects.get(id).document.dataset).toBe('second');
  projects.open(id);
  projects.update(id, { ...drawn(), dataset: 'in a new window' }, 1);
  expect(projects.get(id).document.dataset).toBe('in a new window');
});

test('a name taken twice gets a number; renaming renames', () => {
  const { projects } = desk();
  const names = [1, 2, 3].map(() => projects.create(drawn()).name);
  expect(names).toEqual(['LeNet', 'LeNet 2', 'LeNet 3']);
  const { id, document } = projects.create(newDocument('LeNet 2'));
  expect(document.name).toBe('LeNet 4');
  projects.update(id, { ...document, name: 'Mine' }, 1);
  expect(projects.list().map(({ name }) => name)).toContain('Mine');
});

test('a project goes out as a file and comes back equal', () => {
  const { projects } = desk();
  const { id } = projects.create({ ...drawn(), name: 'A/B: test? ' });
  const { fileName, text } = projects.exportProject(id);
  expect(fileName).toBe('A-B- test.json');
  const copy = projects.importProject(text);
  expect(copy.document).toEqual({ ...projects.get(id).document, name: copy.name });
});

test.each([
  ['half a file', '{"receptive": 1, "name": "x"', /not a project file/],
  ['another format', '{"layers": []}', /does not say/],
  ['a newer format', '{"receptive": 99}', /Update Receptive/],
  ['a wrong field', JSON.stringify({ ...newDocument('x'), dataset: 7 }), /wrong at dataset/],
])('a project file that is %s is refused with its fault, and nothing is written', (_, text, fault) => {
  const { projects, events } = desk();
  expect(() => projects.importProject(text)).toThrow(expect.objectContaining({ name: 'UserError' }));
  expect(() => projects.importProject(text)).toThrow(fault);
  expect(projects.list()).toEqual([]);
  expect(events).toEqual([]);
});

test('a deleted project is gone, for whoever still has it open too', () => {
  const { projects, events } = desk();
  const { id } = projects.create(drawn());
  projects.delete(id);
  expect(events.at(-1)).toEqual({ type: 'projectDeleted', id });
  for (const attempt of [
    () => projects.open(id),
    () => projects.update(id, drawn(), 5),
    () => projects.save(id),
    () => projects.delete(id),
  ]) {
    expect(attempt).toThrow(/was deleted/);
  }
});

test('a reader sees projects and changes none', () => {
  const folder = temporaryFolder();
  const { id } = desk(folder).projects.create(drawn());
  const reader = new Projects(openFor(folder, 'read'), () => undefined);
  expect(reader.open(id).name).toBe('LeNet');
  expect(() => reader.create(drawn())).toThrow(/reading only/);
  expect(() => reader.save(id)).toThrow(/reading only/);
});
