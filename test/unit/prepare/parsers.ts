/** How programs of other kinds read a form: each gives the names of the top-level parameters that it sees. */
export type Parser = (form: string) => string[];

/** WHATWG: `&` separates; names are what they are, of which brackets are a matter of convention. */
export const readPlainly: Parser = (form) => [...new URLSearchParams(`&${form}`).keys()].map(beforeBracket);

/**
 * Rack's QueryParser: `&` separates (before 2.2.6 `;` too), with the blanks that follow; a name may be wrapped in odd
 * brackets (`normalize_params`), of which the word inside is the top-level name.
 */
export const readLikeRack =
  (separator: RegExp): Parser =>
  (form) =>
    form
      .split(separator)
      .filter((pair) => pair !== '')
      .map((pair) => decodeLaxly(pair.split('=', 1)[0] ?? ''))
      .flatMap((name) => /^[[\]]*([^[\]]+)\]*/.exec(name)?.[1] ?? []);
export const newRack = readLikeRack(/& */);
export const oldRack = readLikeRack(/[&;] */);

/**
 * PHP's php_register_variable_ex: blanks before a name go, a name ends at a zero; up to the first `[` every blank and
 * dot, and a `[` that is never closed, becomes `_`.
 */
export const readLikePhp: Parser = (form) =>
  form
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => decodeLaxly(pair.split('=', 1)[0] ?? '').replace(/^ +/, ''))
    .map((name) => name.split('\0', 1)[0] ?? '')
    .filter((name) => name !== '' && !name.startsWith('['))
    .map((name) => {
      const bracket = name.indexOf('[');
      const isClosed = bracket !== -1 && name.indexOf(']', bracket) !== -1;
      const top = isClosed ? name.slice(0, bracket) : name.replace('[', '_');
      return top.replace(/[ .]/g, '_');
    });

/** Percent signs that encode nothing stay; bytes that are no UTF-8 become something else. */
const decodeLaxly = (text: string): string => {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
};

const beforeBracket = (name: string): string => name.split('[', 1)[0] ?? '';
