import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrayReader } from '../../../examples/spa/src/array-reader.ts';

/** What comes out of the text when it arrives in these pieces. */
function read(pieces: readonly string[]): unknown[] {
  const { push, end } = arrayReader();
  const elements = pieces.flatMap(push);
  end();
  return elements;
}

/** Cut at these places, whatever is there. */
function cut(text: string, at: readonly number[]): string[] {
  const places = [0, ...at.map((place) => place % (text.length + 1)).sort((one, other) => one - other), text.length];
  return places.slice(1).map((place, index) => text.slice(places[index], place));
}

describe('the app’s reader of a list that arrives', () => {
  it('gives every element, wherever the text is cut', () => {
    const list = fc.array(fc.dictionary(fc.string(), fc.jsonValue()));
    fc.assert(
      fc.property(list, fc.array(fc.nat()), fc.constantFrom(0, 2), (elements, at, indent) => {
        const text = JSON.stringify(elements, undefined, indent);
        expect(read(cut(text, at))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('gives an element as soon as its last character is there', () => {
    const { push } = arrayReader();

    expect(push('[{"id":"pi_1"')).toEqual([]);
    expect(push('},{"text":"}]\\"')).toEqual([{ id: 'pi_1' }]);
    expect(push(',"}')).toEqual([{ text: '}]",' }]);
  });

  it.each([
    ['nothing at all', ''],
    ['an array without an end', '[{"id":"pi_1"},'],
    ['an element without an end', '[{"id":"pi_1"'],
    ['an element that is no JSON', '[{"id":pi_1}]'],
    ['numbers', '[1,2]'],
    ['strings', '["pi_1"]'],
    ['no array', '{"data":[]}'],
    ['a page of HTML', '<!doctype html>'],
    ['a second array after the first', '[][]'],
    ['more after the array', '[]x'],
    ['an end of another kind', '[}'],
  ])('takes %s for no list', (_what, text) => {
    expect(() => read([text])).toThrow(SyntaxError);
  });
});
