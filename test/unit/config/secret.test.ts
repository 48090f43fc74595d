import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../../src/config/secret.ts';

const origin = 'https://api.stripe.com';
const secret = new Secret('canary', origin);

describe('an administrator’s secret never prints', () => {
  const prints: [string, () => unknown][] = [
    ['as text', () => String(secret)],
    ['in a template', () => `${secret}`],
    ['in a sum of texts', () => ''.concat('', Object(secret))],
    ['in a list that is joined', () => [secret].join()],
    ['as JSON', () => JSON.stringify(secret)],
    ['as JSON deep inside', () => JSON.stringify({ upstream: { credential: [{ secret }] } })],
    ['inspected', () => inspect(secret)],
    ['inspected deep inside', () => inspect({ a: [{ secret, more: new Map([[secret, secret]]) }] }, { depth: 9 })],
    ['inspected with what is hidden', () => inspect(secret, { showHidden: true, getters: true })],
    ['inspected without its own form', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['formatted', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['as members', () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)])],
    ['copied', () => inspect({ ...secret, ...structuredClone(secret) }, { showHidden: true })],
    ['in an error', () => inspect(new Error('x', { cause: secret }))],
  ];

  it.each(prints)('%s', (_how, print) => {
    expect(print()).not.toContain('canary');
  });

  it('but says what it is', () => {
    expect([String(secret), JSON.stringify({ secret }), inspect({ secret })]).toEqual([
      '[secret]',
      '{"secret":"[secret]"}',
      '{ secret: [secret] }',
    ]);
  });
});

describe('an administrator’s secret is handed out for its own origin only', () => {
  it('its own', () => {
    expect(secret.revealFor(origin)).toBe('canary');
  });

  const others: [string, string][] = [
    ['without encryption', 'http://api.stripe.com'],
    ['another port', 'https://api.stripe.com:8443'],
    ['a subdomain', 'https://x.api.stripe.com'],
    ['a host that begins alike', 'https://api.stripe.com.evil.example'],
    ['a host in the user name’s place', 'https://api.stripe.com@evil.example'],
    ['another notation', 'https://api.stripe.com/'],
    ['another case', 'HTTPS://API.STRIPE.COM'],
    ['none', ''],
  ];
  it.each(others)('not %s', (_what, other) => {
    expect(() => secret.revealFor(other)).toThrow('A secret was asked for by an origin that it does not belong to.');
  });
});

describe('a text gives an administrator’s secret away', () => {
  const odd = new Secret("p'w+x/y=z", origin);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const texts: [string, string][] = [
    ['as it is', "echo p'w+x/y=z!"],
    ['as browsers encode it', `https://x.example/?key=${encodeURIComponent("p'w+x/y=z")}`],
    ['with digits in lower case', 'https://x.example/?key=p%27w%2bx%2fy%3dz'],
    ['encoded in part', "p'w%2Bx/y=z"],
    ['encoded more than need be', 'p%27%77%2B%78%2Fy%3Dz'],
    ['as Basic credentials', `Basic ${base64("somebody:p'w+x/y=z")}`],
    ['the same within a text', `got "${base64("u:p'w+x/y=z").replace(/=+$/, '')}" from you`],
  ];
  it.each(texts)('%s', (_how, text) => {
    expect(odd.isIn(text)).toBe(true);
  });

  it.each(['', 'p', "p'w+x/y=", 'https://x.example/?a=%20b', 'Basic abcdefgh', "P'W+X/Y=Z", '%', '%zz'])(
    'but not by %j',
    (text) => {
      expect(odd.isIn(text)).toBe(false);
    },
  );
});
