import { describe, expect, it } from '@jest/globals';
import { version } from '../../../src/version.ts';
import { declared } from '../settings.ts';

const values = { KEY: 'canary', TWO: 'canary canary' };

/** What an administrator is told, one line for each fault. */
const toldOf = (text: string): string[] =>
  declared(text, values).faults.map(({ name, problem }) => `${name} ${problem}`);

describe('http: is for those who permit it', () => {
  const at = (origin: string, plaintext = '') =>
    toldOf(`upstreams: { a: { origin: "${origin}", ${plaintext} rules: [] } }`);
  const refused = ['gateway.yaml:1:27 upstreams.a.origin must be https: unless "plaintext" permits http: for it'];
  const here = ['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '127.1', '[::1]', '[0:0:0:0:0:0:0:1]'];
  const elsewhere = [
    'x.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::2]',
    'directus',
  ];

  it.each([...here, ...elsewhere])('nowhere unless it is permitted: %s', (host) => {
    expect(at(`http://${host}:80`)).toEqual(refused);
    expect(at(`https://${host}`)).toEqual([]);
    expect(at(`http://${host}`, 'plaintext: network,')).toEqual([]);
  });
  it.each(here)('on this machine: %s', (host) => {
    expect(at(`http://${host}:4010`, 'plaintext: loopback,')).toEqual([]);
  });
  it.each(elsewhere)('and not elsewhere: %s', (host) => {
    expect(at(`http://${host}:4010`, 'plaintext: loopback,')).toEqual(refused);
  });
});

describe('a secret stands in no file', () => {
  const literal = 'must come from a variable, such as "${API_KEY}", and never stand here itself';
  const text = 'must be visible characters without spaces';
  const credentials: [string, string, string][] = [
    ['canary', '', 'must be one of bearer, basic, header, query, or a list'],
    ['"${KEY}"', '', 'must be one of bearer, basic, header, query, or a list'],
    ['{ token: canary }', '', 'must be one of bearer, basic, header, query, or a list'],
    ['{ bearer: canary }', '.bearer', literal],
    ['{ bearer: "" }', '.bearer', literal],
    ['{ bearer: "Bearer ${KEY}" }', '.bearer', literal],
    ['{ bearer: "${KEY}canary" }', '.bearer', literal],
    ['{ bearer: "${KEY:-canary}" }', '.bearer', literal],
    ['{ bearer: "${KEY:-${B:-canary}}" }', '.bearer', literal],
    ['{ bearer: "$${KEY}" }', '.bearer', literal],
    ['{ bearer: 1234567 }', '.bearer', 'must be text'],
    ['{ bearer: [canary] }', '.bearer', 'must be text'],
    ['{ bearer: "${NONE}" }', '.bearer', 'needs NONE, which is not set'],
    ['{ bearer: "${TWO}" }', '.bearer', text],
    ['{ bearer: "${KEY}", canary: x }', '.canary', `is not known to version ${version}; a newer one may know it`],
    ['{ basic: { user: u, password: canary } }', '.basic.password', literal],
    ['{ basic: { user: u } }', '.basic.user', literal],
    ['{ basic: canary }', '.basic', 'must have a user, and a password unless the user is the secret'],
    ['{ header: { name: X-Key, value: canary } }', '.header.value', literal],
    [
      '{ header: { name: X-Key, scheme: "a\\nb", value: "${KEY}" } }',
      '.header.scheme',
      'must be what a header can carry',
    ],
    ['{ header: { name: Host, value: "${KEY}" } }', '.header.name', 'is a header of the connection'],
    ['{ query: { name: key, value: canary } }', '.query.value', literal],
    ['[{ bearer: "${KEY}" }, { query: { name: key, value: canary } }]', '.1.query.value', literal],
  ];
  it.each(credentials)('%s', (credential, path, problem) => {
    const told = toldOf(`upstreams: { api: { origin: https://api.example, rules: [], credential: ${credential} } }`);
    expect(told.map((line) => line.replace(/^gateway.yaml:1:\d+ /, ''))).toEqual([
      `upstreams.api.credential${path} ${problem}`,
    ]);
  });
});
