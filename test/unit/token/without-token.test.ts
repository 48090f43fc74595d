import { describe, expect, it } from '@jest/globals';
import { withoutToken } from '../../../src/token/extract-token.ts';

describe('the upstream gets the caller’s query without the token', () => {
  const queries: [string, string, string][] = [
    ['the token alone', 'access_token=abc', ''],
    ['the token first', 'access_token=abc&a=1', 'a=1'],
    ['the token last', 'a=1&access_token=abc', 'a=1'],
    ['the token in the middle', 'a=1&access_token=abc&b=2', 'a=1&b=2'],
    ['the token with its name encoded', 'a=1&access%5Ftoken=abc', 'a=1'],
    ['the token with every letter encoded', '%61%63%63%65%73%73%5f%74%6f%6b%65%6e=abc&a=1', 'a=1'],
    ['an empty token', 'a=1&access_token=&b=2', 'a=1&b=2'],
    ['a token without a value', 'access_token&a=1', 'a=1'],
    ['a token with an equals sign in it', 'access_token=a=b&a=1', 'a=1'],
  ];

  it.each(queries)('%s', (_what, query, rest) => {
    expect(withoutToken(query)).toBe(rest);
  });
});

describe('every other byte of the query stays as the caller wrote it', () => {
  const queries: [string, string][] = [
    ['nothing', ''],
    ['a name of Twilio’s that decodes to something else', 'DateSent%3E=2024-01-01&DateSent%3C=2024-02-01'],
    ['a repeated name, in its order', 'MediaUrl=b&MediaUrl=a'],
    ['blanks in three notations', 'a=%20+%2b'],
    ['hexadecimal digits in either case', 'a=%c3%A4'],
    ['bytes that are not UTF-8', 'a=%ff'],
    ['a percent sign that encodes nothing', 'a=100%&b=%zz'],
    ['empty parts', '&&a=1&&'],
    ['a name without a value, and a value without a name', 'a&=b'],
    ['brackets, semicolons, slashes and question marks', 'expand[]=data.customer;x&next=/a/../b?c=d'],
    ['names that only look like the token', 'access_tokens=1&Access_Token=2&xaccess_token=3&a[access_token]=4'],
    ['a name that begins with a question mark', 'a=1&?access_token=2'],
    ['the same as the first name', '?access_token=2&a=1'],
  ];

  it.each(queries)('%s', (_what, query) => {
    expect(withoutToken(query)).toBe(query);
    const joined = [query, 'access_token=abc'].filter((part) => part !== '').join('&');
    expect(withoutToken(joined)).toBe(query);
  });
});
