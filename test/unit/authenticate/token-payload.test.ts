import { describe, expect, it } from '@jest/globals';
import { readTokenPayload } from '../../../src/authenticate/token-payload.ts';

const part = (text: string): string => Buffer.from(text).toString('base64url');
const header = part('{"alg":"HS256","typ":"JWT"}');
const victim = { iss: 'directus', id: 'victim', role: 'admin', exp: 2_000_000_000 };
const payload = part(JSON.stringify(victim));

describe('a token that Directus issued tells who bears it, once Directus has verified it', () => {
  const payloads: [string, object, object][] = [
    ['a user’s', { ...victim, app_access: true, iat: 1 }, victim],
    ['a session’s', { ...victim, session: 'abc' }, victim],
    ['a user’s without a role', { ...victim, role: null }, { ...victim, role: null }],
    [
      'a share’s',
      { iss: 'directus', share: 's', role: null, exp: 1 },
      { iss: 'directus', share: 's', role: null, exp: 1 },
    ],
  ];
  it.each(payloads)('%s', (_whose, claims, read) => {
    expect(readTokenPayload(`${header}.${part(JSON.stringify(claims))}.c2ln`)).toEqual(read);
  });

  it('also when its header says no more than it must', () => {
    expect(readTokenPayload(`${part('{"alg":"HS256"}')}.${payload}.c2ln`)).toEqual(victim);
  });
});

describe('a static token that somebody made to look like a JWT says nothing of who bears it', () => {
  const claims = (change: object) => `${header}.${part(JSON.stringify({ ...victim, ...change }))}.c2ln`;
  const headed = (text: string) => `${part(text)}.${payload}.c2ln`;
  const tokens: [string, string][] = [
    ['no JWT at all', 'canaryTokenReader'],
    ['nothing', ''],
    ['a header that is no JSON', `x.${payload}.c2ln`],
    ['an empty header', `.${payload}.c2ln`],
    ['a header of null', headed('null')],
    ['a header that is a list', headed('["HS256"]')],
    ['a header without an algorithm', headed('{"typ":"JWT"}')],
    ['a header that says it is not signed', headed('{"alg":"none"}')],
    ['the algorithm in another case', headed('{"alg":"hs256"}')],
    ['an algorithm that Directus does not use', headed('{"alg":"RS256"}')],
    ['the algorithm only in the prototype', headed('{"__proto__":{"alg":"HS256"}}')],
    ['a byte order mark before the header', headed('\ufeff{"alg":"HS256"}')],
    ['no signature', `${header}.${payload}.`],
    ['no third part', `${header}.${payload}`],
    ['a fourth part', `${header}.${payload}.c2ln.c2ln`],
    ['padding', `${header}.${payload}=.c2ln`],
    ['characters of plain base64', `${header}.${payload}.c2+n/`],
    ['white space around it', ` ${header}.${payload}.c2ln`],
    ['a line break after it', `${header}.${payload}.c2ln\n`],
    ['a payload that is no JSON', `${header}.${part('iss=directus')}.c2ln`],
    ['a payload that is a list', `${header}.${part(JSON.stringify([victim]))}.c2ln`],
    ['a payload of null', `${header}.${part('null')}.c2ln`],
    ['a payload that holds it as text', `${header}.${part(JSON.stringify(JSON.stringify(victim)))}.c2ln`],
    ['the claims only in the prototype', `${header}.${part(`{"__proto__":${JSON.stringify(victim)}}`)}.c2ln`],
    ['another issuer', claims({ iss: 'somebody' })],
    ['the issuer in another case', claims({ iss: 'Directus' })],
    ['a list of issuers', claims({ iss: ['directus'] })],
    ['no issuer', claims({ iss: undefined })],
    ['no end', claims({ exp: undefined })],
    ['an end that is text', claims({ exp: '2000000000' })],
    ['an end that is infinite', `${header}.${part('{"iss":"directus","id":"victim","exp":1e999}')}.c2ln`],
    ['a user that is not text', claims({ id: { $ne: null } })],
    ['a share that is not text', claims({ share: 1 })],
  ];

  it.each(tokens)('%s', (_what, token) => {
    expect(readTokenPayload(token)).toBeUndefined();
  });
});
