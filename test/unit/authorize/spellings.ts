import fc from 'fast-check';

/** Segments as they read when decoded, few of them, so that random rules and paths often meet. */
const words = [
  ...['a', 'b', 'Keys', 'a.json', 'a.B.c', '.json', '...', '~x-_1', 'a@b', 'x!', "it's", '(a)', '$a', 'a&b', 'a+b'],
  ...['a,b', 'a=b', 'a:send', ':a', '*', 'a b', '[1]', '{id}', 'ä', 'ÖL', 'ß', 'Åb', '日本', 'Kelvin', '😀'],
];
export const word = fc.constantFrom(...words);

/** Characters that a path holds as they are or encoded, and those that it holds as they are only. */
const delimiter = /[!$&'()*+,=:@]/;
const unreserved = /[\w.~-]/;

/** One of the ways in which a request can write a segment: the case of letters, what is encoded, the case of digits. */
function spelledBy(decoded: string, choices: readonly number[]): string {
  return Array.from(decoded, (character, index) => {
    const choice = choices[index % choices.length] ?? 0;
    const letter = choice & 1 ? inOtherCase(character) : character;
    if (unreserved.test(letter) || (delimiter.test(letter) && choice & 2)) return letter;
    const encoded = [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    return choice & 4 ? encoded : encoded.toUpperCase();
  }).join('');
}

/** Where the two cases of a letter are one another's. */
function inOtherCase(letter: string): string {
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return other.length === letter.length && other.toLowerCase() === letter.toLowerCase() ? other : letter;
}

const choices = fc.array(fc.nat({ max: 7 }), { minLength: 3, maxLength: 12 });

/** A segment in a spelling of its own. */
export const spelled = (decoded: string): fc.Arbitrary<string> => choices.map((each) => spelledBy(decoded, each));

/** The same path in some spelling, with or without a final slash. */
export const spelledPath = (decoded: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.tuple(...decoded.map(spelled)), fc.constantFrom('', '', '/'))
    .map(([segments, end]) => `/${segments.join('/')}${end}`);
