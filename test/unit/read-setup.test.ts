import { describe, expect, it } from '@jest/globals';
import { ConfigError, type Environment } from '../../src/config/read-variables.ts';
import { readSetup, type Setup } from '../../src/read-setup.ts';

const least = { DIRECTUS_URL: 'http://directus:8055' };
const api = (key = '${API_KEY}') =>
  `upstreams: { api: { origin: "https://api.example", credential: { bearer: "${key}" }, rules: [] } }`;

/** A file system with these files; what is no text is the code of the error that reading it gives. */
const filesOf = (files: Readonly<Record<string, string | { code: string }>>) => (path: string) => {
  const file = files[path] ?? { code: 'ENOENT' };
  if (typeof file === 'string') return file;
  throw Object.assign(new Error(`${file.code}: canary, open '${path}'`), { code: file.code });
};
const read = (environment: Environment, files: Readonly<Record<string, string | { code: string }>> = {}): Setup =>
  readSetup({ ...least, ...environment }, filesOf(files));

function toldOf(environment: Environment, files: Readonly<Record<string, string | { code: string }>> = {}): string[] {
  try {
    read(environment, files);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ name, problem }) => `${name} ${problem}`);
    throw error;
  }
}

describe('gateway.yaml', () => {
  it('may be absent', () => {
    expect(read({})).toMatchObject({ upstreams: [], off: [{ name: 'stripe' }, { name: 'twilio' }] });
  });

  it('is read where it is there', () => {
    const { upstreams } = read({ API_KEY: 'canary' }, { 'gateway.yaml': api() });
    expect(upstreams.map(({ name }) => name)).toEqual(['api']);
  });

  it('is another file where GATEWAY_CONFIG names one', () => {
    const files = { 'gateway.yaml': 'upstreams: {}', '/etc/other.yaml': api() };
    expect(read({ API_KEY: 'x', GATEWAY_CONFIG: '/etc/other.yaml' }, files).upstreams).toHaveLength(1);
    expect(
      read({ API_KEY: 'x', GATEWAY_CONFIG_FILE: '/run/name' }, { ...files, '/run/name': '/etc/other.yaml\n' })
        .upstreams,
    ).toHaveLength(1);
  });

  const unreadable: [string, Environment, Record<string, { code: string }>, string][] = [
    ['may not be read', {}, { 'gateway.yaml': { code: 'EACCES' } }, ': gateway.yaml'],
    ['is a folder', {}, { 'gateway.yaml': { code: 'EISDIR' } }, ': gateway.yaml'],
    ['is gateway.yaml by GATEWAY_CONFIG, and absent', { GATEWAY_CONFIG: 'gateway.yaml' }, {}, ': gateway.yaml'],
    ['is not where GATEWAY_CONFIG says, which may hold anything', { GATEWAY_CONFIG: 'sk_canary' }, {}, ''],
    ['may not be read where GATEWAY_CONFIG says', { GATEWAY_CONFIG: 'canary' }, { canary: { code: 'EACCES' } }, ''],
  ];
  it.each(unreadable)('that %s is a fault, and no reason to go without it', (_what, environment, files, name) => {
    expect(toldOf(environment, files)).toEqual([`GATEWAY_CONFIG names a file that cannot be read${name}`]);
  });
});

describe('an administrator is told at once, and once, what is wrong', () => {
  it('with the variables and with the file', () => {
    const environment = { DIRECTUS_URL: undefined, PORT: 'canary', STRIPE_LIVE_SECRET_KEY: 'sk_canary' };
    const file = `upstreams:\n  a: { origin: canary, credential: { bearer: "\${NONE}" }, rules: [] }\n  b: {}\n`;
    expect(toldOf(environment, { 'gateway.yaml': file })).toEqual([
      'DIRECTUS_URL is required',
      'PORT must be a port number',
      'STRIPE_CUSTOMERS_COLLECTION is required when STRIPE_LIVE_SECRET_KEY is set',
      'gateway.yaml:2:16 upstreams.a.origin must be an http(s) address without a path',
      'gateway.yaml:2:46 upstreams.a.credential.bearer needs NONE, which is not set',
      'gateway.yaml:3:6 upstreams.b.origin is required',
      'gateway.yaml:3:6 upstreams.b.rules is required',
    ]);
  });

  it('with a variable, and not again with what it fills in', () => {
    const stripe = { STRIPE_LIVE_SECRET_KEY: 'sk_1', STRIPE_CUSTOMERS_COLLECTION: 'c' };
    expect(toldOf({ ...stripe, STRIPE_API_URL: 'canary' })).toEqual([
      'STRIPE_API_URL must be an http(s) address without a path',
    ]);
    expect(toldOf({ ...stripe, STRIPE_CUSTOMERS_COLLECTION: 'a b' })).toEqual([
      'STRIPE_CUSTOMERS_COLLECTION must be the name of a Directus collection',
    ]);
  });

  it('but with what only a file needs', () => {
    const file = 'upstreams: { second: { extends: stripe, credential: { bearer: "${KEY}" } } }';
    const told = toldOf({ KEY: 'sk_canary' }, { 'gateway.yaml': file });
    expect(told.length).toBeGreaterThan(0);
    for (const line of told)
      expect(line).toMatch(/^packaged stripe\.yaml:\d+:\d+ .* needs STRIPE_CUSTOMERS_COLLECTION, which is not set$/);
  });
});

describe('a variable of gateway.yaml may be kept in a file', () => {
  const yaml = { 'gateway.yaml': `${api('${API_KEY}')}\n# \${NONE}` };
  const keyOf = ({ upstreams: [upstream] }: Setup) => {
    const [credential] = upstream?.credentials ?? [];
    return credential?.kind === 'bearer' ? credential.token.revealFor('https://api.example') : undefined;
  };

  it('whose last line break does not count', () => {
    expect(keyOf(read({ API_KEY_FILE: '/run/key' }, { ...yaml, '/run/key': 'canary\n' }))).toBe('canary');
  });

  it('which is a fault where it is absent, or stands beside the variable, told once', () => {
    const twice = { 'gateway.yaml': `${api()}`.replace('rules: []', 'rules: [], probe: "/${API_KEY}"') };
    expect(toldOf({ API_KEY_FILE: '/run/none', API_KEY: 'canary' }, twice)).toEqual([
      'API_KEY is set twice: as API_KEY and as API_KEY_FILE',
      'API_KEY_FILE names a file that cannot be read',
    ]);
    expect(toldOf({ API_KEY_FILE: '/run/key', API_KEY: 'canary' }, { ...twice, '/run/key': 'canary' })).toEqual([
      'API_KEY is set twice: as API_KEY and as API_KEY_FILE',
    ]);
  });

  it('which is unset where it is empty', () => {
    const files = { 'gateway.yaml': api('${API_KEY:-}'), '/run/key': '\n' };
    expect(read({ API_KEY_FILE: '/run/key' }, files).off).toContainEqual({ name: 'api', reason: 'no API_KEY' });
  });
});

describe('what is watched is every file that was asked for, once', () => {
  it('gateway.yaml even while it is absent', () => {
    expect(read({}).files).toEqual(['gateway.yaml']);
  });

  it('and those of variables', () => {
    const files = { '/etc/g.yaml': api(), '/run/key': 'canary', '/run/port': '80' };
    const setup = read({ GATEWAY_CONFIG: '/etc/g.yaml', API_KEY_FILE: '/run/key', PORT_FILE: '/run/port' }, files);
    expect([...setup.files].toSorted()).toEqual(['/etc/g.yaml', '/run/key', '/run/port']);
  });
});
