/** Every kind's PyTorch signature says all that the kind can be set to: else code would lose it. */
import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../src/engine/formats/pythonPieces.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';

/** Set behind the construction: known kernels are weights, and frozen ones take no gradient. */
const AFTERWARDS = ['weights', 'frozen'];

describe.each(layerKinds().flatMap(kind => ('module' in kind.pytorch ? [[kind.kind, kind] as const] : [])))(
  '%s',
  (_name, kind) => {
    const form = kind.pytorch;
    if (!('module' in form)) throw new TypeError('filtered above');
    const params = form.arguments.flatMap(argument => ('param' in argument ? [argument.param] : []));

    it('has an argument for each field, and no other', () => {
      const fields = Object.keys(kind.fields).filter(name => !AFTERWARDS.includes(name));
      expect(params.toSorted()).toEqual(fields.toSorted());
    });

    it('has each argument once, those without a default first', () => {
      const names = form.arguments.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const isOptional = form.arguments.map(
        argument => argument.standard !== undefined || !('param' in argument || 'flowsIn' in argument),
      );
      // nn.Upsample alone begins with one that may be left out.
      if (kind.kind !== 'Upsample') expect(isOptional.toSorted()).toEqual(isOptional);
    });

    it('defines its class where PyTorch has none', () => {
      expect(form.module.startsWith('nn.')).toBe(form.definition === undefined);
    });
  },
);

describe('a line in colour', () => {
  it('is the same text, in pieces', () => {
    const text = '    x = layers.Conv2D(4, 3, padding="same")(x)  # 4×14×14';
    const pieces = piecesOf(text);
    expect(pieces.map(piece => piece.text).join('')).toBe(text);
    const coloured = pieces.filter(({ hue }) => hue !== 'plain').map(({ hue, text: part }) => [hue, part]);
    expect(coloured).toEqual([
      ['call', 'Conv2D'],
      ['number', '4'],
      ['number', '3'],
      ['string', '"same"'],
      ['comment', '# 4×14×14'],
    ]);
  });
});
