import { describe, expect, it } from '@jest/globals';
import { parseRequestTarget } from '../../../src/route/request-target.ts';
import { refusalOf } from '../refusal.ts';

describe('a path that everyone reads alike passes byte for byte', () => {
  const paths: [string, string][] = [
    ['plain segments', '/stripe/v1/payment_intents/pi_3M~x-1'],
    ['an extension', '/twilio/2010-04-01/Accounts/AC1/Messages.json'],
    ['dots beside other characters', '/x/.well-known/..a/a../...'],
    ['every other character that a segment may hold', "/x/!$&'()*+,=:@"],
    ['a plus sign as Twilio’s clients encode it', '/twilio/lookups/%2B15551234'],
    ['the same with a lower-case digit', '/twilio/lookups/%2b15551234'],
    ['an encoded blank, colon and at sign', '/x/a%20b%3Ac%40d'],
    ['UTF-8 of two, three and four bytes', '/x/%C3%A4/%E2%82%AC/%F0%9F%98%80'],
    ['UTF-8 in lower-case digits', '/x/%c3%a4'],
    ['a final slash', '/x/y/'],
    ['nothing but a slash', '/'],
  ];

  it.each(paths)('%s', (_what, path) => {
    expect(parseRequestTarget(path)).toEqual({ path, query: '' });
  });
});

describe('a query passes byte for byte, whatever a path may not hold', () => {
  const queries: [string, string][] = [
    ['Twilio’s comparison by date', 'DateSent%3E=2024-01-01'],
    ['a comparison that is not encoded', 'DateSent>=2024-01-01'],
    ['slashes, dots and semicolons', 'next=//a/../b;c/%2e%2e/%2f'],
    ['further question marks', 'a=?&b=??'],
    ['encoded bytes of any kind', 'a=%00%ff%25%41%zz%'],
    ['quotes, braces and brackets', 'q="x"&created[gt]={1}|`^'],
    ['nothing', ''],
  ];

  it.each(queries)('%s', (_what, query) => {
    expect(parseRequestTarget(`/x/y?${query}`)).toEqual({ path: '/x/y', query });
  });
});

describe('a target that two readers might understand differently is refused', () => {
  const targets: [string, string[]][] = [
    ['no target', ['']],
    ['no path but everything', ['*']],
    ['absolute form', ['http://api.stripe.com/v1', 'HTTPS://api.stripe.com/v1', 'stripe/v1', 'api.stripe.com:443']],
    ['network-path form, which names another host', ['//evil.example/v1']],
    ['an empty segment', ['/x//y', '/x//', '//', '///', '//?a']],
    ['dot segments', ['/.', '/..', '/x/../y', '/x/./y', '/x/..', '/x/.', '/../x']],
    ['encoded dots', ['/x/%2e%2e/y', '/x/%2E%2E/y', '/x/.%2e/y', '/x/%2e./y', '/x/%2e', '/x/a%2ejson']],
    ['backslashes', ['/x\\y', '/x/..\\y', '\\\\evil.example', '/x?a=\\']],
    ['encoded backslashes', ['/x%5Cy', '/x/..%5c']],
    ['encoded slashes', ['/x%2Fy', '/x%2fy', '/x/..%2f']],
    ['path parameters', ['/x;a=1/y', '/x/..;/y', '/x%3By', '/x%3by']],
    ['a fragment', ['/x#y', '/x?a=1#y', '/x%23y']],
    ['an encoded question mark, which may start a query later', ['/x%3Fy', '/x%3fy']],
    ['control characters', ['/x%00', '/x%0a', '/x%0D%0Ay', '/x%09', '/x%1F', '/x%7F', '/x%C2%85']],
    ['double encoding', ['/x/%252e%252e', '/x/%252f', '/x%25', '/x%25%32%65']],
    [
      'encoded letters and other unreserved characters',
      ['/%73tripe', '/x/%4Beys', '/x/%30', '/x/%5F', '/x/%7E', '/x/%2D', '/x/%20%41'],
    ],
    ['a single byte of UTF-8', ['/x/%C3', '/x/%A4', '/x/%C3a%A4', '/x/%C3/%A4', '/x/%ff', '/x/%E2%82']],
    ['UTF-8 that is longer than need be', ['/x/%C0%AE%C0%AE', '/x/%C0%AF', '/x/%E0%80%AF']],
    ['UTF-8 of half a character', ['/x/%ED%A0%80']],
    ['a percent sign that encodes nothing', ['/x%', '/x%2', '/x%zz', '/x%u002e']],
    ['white space', ['/x y', '/x\ty', '/x?a=1 b', ' /x']],
    ['raw control characters', ['/x\0', '/x\r\ny', '/x\x7f', '/x?a=\x00']],
    ['raw bytes beyond ASCII', ['/x/ä', '/x/Ã¤', '/x?a=ä', '/x/．．']],
    ['characters that no segment may hold', ['/x"', '/x<y>', '/x^', '/x`', '/x{y}', '/x|y', '/x[y]']],
  ];
  const rows = targets.flatMap(([why, each]) => each.map((target): [string, string] => [why, target]));

  it.each(rows)('%s: %j', (_why, target) => {
    const refusal = refusalOf(() => parseRequestTarget(target));
    expect([refusal.code, refusal.status]).toEqual(['INVALID_PAYLOAD', 400]);
  });

  it('every encoded ASCII character passes only if it stands for nothing else', () => {
    const codes = Array.from({ length: 128 }, (_, code) => `%${code.toString(16).padStart(2, '0')}`);
    const passing = codes.filter((encoded) => passes(`/x/a${encoded}b`)).map(decodeURIComponent);
    expect(passing.join('')).toBe(' !"$&\'()*+,:<=>@[]^`{|}');
  });
});

function passes(target: string): boolean {
  try {
    return parseRequestTarget(target).path === target;
  } catch {
    return false;
  }
}
