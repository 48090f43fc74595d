import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ask } from '../world/dial.ts';
import { useLiveWorld } from '../world/live-world.ts';
import { newUser, roleOf } from '../world/new-user.ts';
import { portOf, verdict } from '../world/verdict.ts';
import type { Tokens } from './token-places.ts';

type Which = keyof Tokens;

/** `?` stands for the token. Where the gateway is stricter than Directus is told in token-places.ts. */
const inQuery = [
  ...['access_token=?', 'access%5Ftoken=?', 'access_token[]=?', 'access_token[0]=?', 'access_token[a][b]=?'],
  ...['access_token%5B%5D=?', 'Access_Token=?', 'a[access_token]=?', '?access_token=?', 'access_token=+?'],
  ...['access_token=?%20', 'a;access_token=?', 'access_token=?;b', 'access_token=&a=?', 'access_token.a=?'],
  ...['access_token ]=?', 'access_token]=?', '=access_token=?', 'access_token=?=', 'access_token==?'],
  ...['%61ccess_token=?', 'access_token%00=?', 'access_token=?%00', '+access_token=?', 'access%255Ftoken=?'],
  ...['access_token', 'access_token=', 'fields=id', 'a=1', '', '=', '%'],
];
const inHeader = [
  ...['Authorization: Bearer ?', 'authorization: bearer ?', 'Authorization: Bearer  ?', 'Authorization: Bearer\t?'],
  ...['Authorization: Bearer ? ', 'Authorization: Bearer ? x', 'Authorization: Bearer', 'Authorization: Bearer ,?'],
  ...['Authorization: Bearer ?,', 'Authorization: Token ?', 'Authorization: ?', 'Authorization: Bearer "?"'],
  ...['Authorization: BearerX ?', 'Authorization:Bearer ?', 'X-Authorization: Bearer ?', 'Authorization: '],
];
const inCookie = [
  ...[
    'directus_session_token=?',
    'directus_session_token="?"',
    ' directus_session_token = ? ',
    'Directus_Session_Token=?',
  ],
  ...['directus_session_token=', 'directus_session_token', 'session=?', 'a=b', 'directus_session_token="?', '=?'],
  ...['directus_session_token=?%20', 'directus_session_token=%?', 'directus_session_token=?,x', ''],
];

const which = fc.constantFrom<Which>('good', 'good', 'bad');
const placed = (forms: readonly string[], most: number) =>
  fc.array(fc.tuple(fc.constantFrom(...forms), which), { maxLength: most });
const attempts = fc.record({ query: placed(inQuery, 3), headers: placed(inHeader, 2), cookies: placed(inCookie, 3) });

const filled = ([form, token]: readonly [string, Which], tokens: Tokens): string =>
  form.replace(/\?(?!.*\?)/, tokens[token]);

describe('on Directus 11.17.4', () => {
  const live = useLiveWorld('11.17.4');

  it('a caller who puts tokens in several places at random hears the same from Directus and from the gateway', async () => {
    const { directus, gateway, personas, taps, stripe } = live();
    const { token: good } = await newUser(directus, { role: await roleOf(directus, personas.reader) });
    const tokens: Tokens = { good, bad: randomUUID() };
    const heard = new Set<string>();
    const compared = fc.asyncProperty(attempts, async ({ query, headers, cookies }) => {
      const text = query.map((each) => filled(each, tokens)).join('&');
      const target = text === '' ? '' : `?${text.replaceAll(' ', '%20')}`;
      const jar = cookies.map((each) => filled(each, tokens)).join(';');
      const lines = [...headers.map((each) => filled(each, tokens)), ...(jar === '' ? [] : [`Cookie: ${jar}`])];
      const itself = verdict(await ask(portOf(directus.url), [`GET /users/me${target} HTTP/1.1`, ...lines]));
      const before = taps.stripe.seen.length;
      const through = verdict(await ask(gateway.port, [`GET /stripe/v1/customers${target} HTTP/1.1`, ...lines]));
      expect({ target, lines, says: through }).toEqual({ target, lines, says: itself });
      expect(taps.stripe.seen.length - before).toBe(itself === '200' ? 1 : 0);
      heard.add(itself);
    });
    await fc.assert(compared, { numRuns: attemptCount });

    expect([...heard].sort()).toEqual(['200', '400 INVALID_PAYLOAD', '401 INVALID_CREDENTIALS']);
    const { seen } = taps.stripe;
    expect(new Set(seen.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${stripe.secretKey}`]));
    expect(seen.filter(({ headers }) => headers.cookie !== undefined)).toEqual([]);
    const parameters = seen.flatMap(({ target }) => [
      ...new URLSearchParams(`&${target.split('?').slice(1).join('?')}`).keys(),
    ]);
    expect(parameters).not.toContain('access_token');
  }, 120_000);
});

const attemptCount = 150;
