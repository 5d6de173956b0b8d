// @vitest-environment jsdom
/** The inspector's fields: what a person types and clicks is what the node's parameters become. */
import { screen, within } from '@testing-library/react';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { initialValues } from '../../src/engine/layers/fields.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { FieldForm } from '../../src/renderer/ui/fields/fieldForm.tsx';
import { draw } from './window.tsx';

/** The form of a kind as the inspector draws it, which keeps what is typed. */
function formOf(name: string, more: Readonly<Record<string, unknown>> = {}) {
  const kind = layerKind(name);
  if (!kind) throw new TypeError(`no kind ${name}`);
  const changed = vi.fn<(name: string, value: unknown) => void>();
  const done = vi.fn();
  function Form() {
    const [values, setValues] = useState({ ...initialValues(kind!.fields), ...more });
    return (
      <FieldForm
        id="node"
        fields={kind!.fields}
        values={values}
        onChange={(field, value) => {
          changed(field, value);
          setValues(before => ({ ...before, [field]: value }));
        }}
        onDone={done}
      />
    );
  }
  return { person: draw(<Form />), changed, done };
}

const field = (label: string) => screen.getByRole<HTMLInputElement>('textbox', { name: label });

test('a number is taken letter by letter, and the gesture ends where the field is left', async () => {
  const { person, changed, done } = formOf('Conv2d');
  await person.click(field('Filters'));
  expect(done).not.toHaveBeenCalled();
  await person.keyboard('64');
  expect(changed.mock.calls).toEqual([
    ['outChannels', 6],
    ['outChannels', 64],
  ]);
  await person.tab();
  expect(done).toHaveBeenCalledOnce();
  expect(field('Filters').value).toBe('64');
});

test('what is no number stays as it was typed, with a sentence that the field is described by', async () => {
  const { person, changed } = formOf('Conv2d');
  await person.clear(field('Filters'));
  await person.type(field('Filters'), 'many');
  expect(changed).toHaveBeenLastCalledWith('outChannels', 'many');
  const input = field('Filters');
  expect(input.value).toBe('many');
  expect(input.getAttribute('aria-invalid')).toBe('true');
  const sentence = document.getElementById(input.getAttribute('aria-describedby') ?? '');
  expect(sentence?.textContent).toMatch(/\w+.*\.$/);
  await person.clear(input);
  await person.type(input, '8');
  expect(input.getAttribute('aria-invalid')).toBe('false');
  expect(screen.queryByRole('status')).toBeNull();
});

test('arrow keys count, with Shift by ten', async () => {
  const { person, changed } = formOf('Conv2d', { outChannels: 16 });
  await person.click(field('Filters'));
  await person.keyboard('{ArrowUp}{ArrowUp}{ArrowDown}');
  await person.keyboard('{Shift>}{ArrowUp}{/Shift}');
  expect(changed.mock.calls.map(([, value]) => value)).toEqual([17, 18, 17, 27]);
});

test('one number stands for both sides of a kernel until they are told apart', async () => {
  const { person, changed } = formOf('Conv2d');
  const kernel = within(screen.getByRole('group', { name: 'Kernel' }));
  const both = kernel.getByRole('textbox', { name: 'Height and width' });
  await person.clear(both);
  await person.type(both, '5');
  expect(changed).toHaveBeenLastCalledWith('kernelSize', [5, 5]);
  await person.click(kernel.getByRole('button', { name: 'One number for both' }));
  const width = kernel.getByRole('textbox', { name: 'Width' });
  await person.clear(width);
  await person.type(width, '1');
  expect(changed).toHaveBeenLastCalledWith('kernelSize', [5, 1]);
  await person.click(kernel.getByRole('button', { name: 'One number for both' }));
  expect(changed).toHaveBeenLastCalledWith('kernelSize', [5, 5]);
});

test('switches and choices give their values', async () => {
  const { person, changed } = formOf('Conv2d');
  await person.click(screen.getByRole('switch', { name: 'Bias' }));
  expect(changed).toHaveBeenLastCalledWith('bias', false);
  await person.selectOptions(screen.getByRole('combobox', { name: 'Padded with' }), 'reflect');
  expect(changed).toHaveBeenLastCalledWith('paddingMode', 'reflect');
});

test('several nodes of different values show none, and take what is typed for all', async () => {
  const { person, changed } = formOf('Linear', { outFeatures: undefined, bias: undefined });
  expect(field('Outputs').value).toBe('');
  expect(field('Outputs').placeholder).toBe('mixed');
  await person.type(field('Outputs'), '7');
  expect(changed).toHaveBeenLastCalledWith('outFeatures', 7);
  await person.selectOptions(screen.getByRole('combobox', { name: 'Bias' }), 'off');
  expect(changed).toHaveBeenLastCalledWith('bias', false);
});
