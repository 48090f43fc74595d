import { describe, expect, it } from '@jest/globals';
import {
  ConfigError,
  type Environment,
  type Fault,
  readVariables,
  variableNames,
} from '../../../src/config/read-variables.ts';

const least = { DIRECTUS_URL: 'http://localhost:8055' };
const stripe = { STRIPE_LIVE_SECRET_KEY: 'sk_live_canary', STRIPE_CUSTOMERS_COLLECTION: 'customers' };
const twilio = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 'canary', TWILIO_COLLECTION: 'messages' };
const files = new Map([
  ['/run/key', 'sk_live_canary\n'],
  ['/run/windows', 'sk_live_canary\r\n'],
  ['/run/two-lines', 'sk_live_canary\n\n'],
  ['/run/empty', ''],
  ['/run/newline', '\n'],
  ['/run/collection', 'customers'],
]);
const readFile = (path: string): string => {
  const text = files.get(path);
  if (text === undefined) throw new Error(`ENOENT: ${path}`);
  return text;
};
const read = (environment: Environment) => readVariables({ ...least, ...environment }, readFile);

/** The faults of a set-up; an empty list when it can be started. */
function faultsOf(environment: Environment): readonly Fault[] {
  try {
    readVariables(environment, readFile);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
const namesOf = (environment: Environment) => faultsOf({ ...least, ...environment }).map(({ name }) => name);

describe('an administrator’s set-up is complete', () => {
  const setUps: [string, Environment][] = [
    ['with the address of Directus alone', {}],
    ['with Stripe', stripe],
    ['with Twilio by its auth token', twilio],
    [
      'with Twilio by an API key',
      { ...twilio, TWILIO_AUTH_TOKEN: undefined, TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'x' },
    ],
    ['with Twilio by both', { ...twilio, TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'x' }],
    ['with a collection for an upstream that is off', { STRIPE_CUSTOMERS_COLLECTION: 'c', TWILIO_COLLECTION: 'm' }],
    ['with a sender for an upstream that is off', { TWILIO_PHONE_NUMBER: '+1' }],
    ['with variables of other programs', { PATH: '/bin', STRIPE_SECRET: 'x', __proto__: 'x' }],
    ['with CORS for any page, without its session', { CORS_ENABLED: 'true', CORS_ORIGIN: '*' }],
    ['with CORS for named pages, with their session', { CORS_CREDENTIALS: 'true', CORS_ORIGIN: 'https://a.example' }],
  ];
  it.each(setUps)('%s', (_what, environment) => {
    expect(namesOf(environment)).toEqual([]);
  });
});

describe('an administrator is told what else is needed', () => {
  const setUps: [string, Environment, string[]][] = [
    ['no Directus', { DIRECTUS_URL: undefined }, ['DIRECTUS_URL']],
    ['a Stripe key alone', { STRIPE_LIVE_SECRET_KEY: 'sk_1' }, ['STRIPE_CUSTOMERS_COLLECTION']],
    ['a Twilio account alone', { TWILIO_ACCOUNT_SID: 'AC1' }, ['TWILIO_AUTH_TOKEN', 'TWILIO_COLLECTION']],
    ['a Twilio token alone', { TWILIO_AUTH_TOKEN: 'x' }, ['TWILIO_ACCOUNT_SID', 'TWILIO_COLLECTION']],
    ['half an API key', { ...twilio, TWILIO_API_KEY_SID: 'SK1' }, ['TWILIO_API_KEY_SECRET']],
    ['the other half', { ...twilio, TWILIO_API_KEY_SECRET: 'x' }, ['TWILIO_API_KEY_SID']],
    [
      'an API key alone',
      { TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'x' },
      ['TWILIO_ACCOUNT_SID', 'TWILIO_COLLECTION'],
    ],
    [
      'half an API key alone',
      { TWILIO_API_KEY_SECRET: 'x' },
      ['TWILIO_ACCOUNT_SID', 'TWILIO_API_KEY_SID', 'TWILIO_COLLECTION'],
    ],
    [
      'a key and a token, but no account',
      { TWILIO_AUTH_TOKEN: 'x', TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'x' },
      ['TWILIO_ACCOUNT_SID', 'TWILIO_COLLECTION'],
    ],
  ];
  it.each(setUps)('%s', (_what, environment, names) => {
    expect(namesOf(environment).toSorted()).toEqual(names);
  });

  it.each(['true', '*', ' true', 'true,', '*,', ' * '])('CORS with a session for any page is refused: %j', (origin) => {
    expect(namesOf({ CORS_CREDENTIALS: 'true', CORS_ORIGIN: origin })).toEqual(['CORS_ORIGIN']);
  });
});

describe('an administrator reads all faults at once, by name and never by value', () => {
  it('of every kind', () => {
    const faults = faultsOf({
      PORT: 'canary',
      STRIPE_LIVE_SECRET_KEY: 'pk_live_canary',
      STRIPE_API_URL: 'https://canary/v1',
      TWILIO_COLLECTION_FILE: '/run/none',
      HOST: 'canary',
      HOST_FILE: '/run/key',
    });
    expect(faults.map(({ name, problem }) => `${name} ${problem}`).toSorted()).toEqual([
      'DIRECTUS_URL is required',
      'HOST is set twice: as HOST and as HOST_FILE',
      'PORT must be a port number',
      'STRIPE_API_URL must be an http(s) address without a path',
      'STRIPE_CUSTOMERS_COLLECTION is required when STRIPE_LIVE_SECRET_KEY is set',
      'STRIPE_LIVE_SECRET_KEY is a publishable key; a secret (sk_) or restricted (rk_) one is needed',
      'TWILIO_COLLECTION_FILE names a file that cannot be read',
    ]);
    expect(new ConfigError(faults).message.split('\n')).toHaveLength(1 + faults.length);
  });

  it.each(variableNames)('%s', (name) => {
    for (const value of ['canary wert\n"\\#?', 'pk_canary', 'http://canary:canary@x/y?z', 'true,canary', '-1canary']) {
      const messages = faultsOf({ ...least, [name]: value }).map(({ problem }) => problem);
      expect(messages.join()).not.toContain('canary');
    }
  });
});

describe('an administrator may leave a variable empty, as compose files do', () => {
  it.each(variableNames.filter((name) => name !== 'DIRECTUS_URL'))('%s', (name) => {
    expect(read({ [name]: '', [`${name}_FILE`]: '' })).toEqual(read({}));
  });

  it('DIRECTUS_URL, which is then missing', () => {
    expect(faultsOf({ DIRECTUS_URL: '' })).toEqual([{ name: 'DIRECTUS_URL', problem: 'is required' }]);
  });
});

describe('an administrator keeps a value in a file', () => {
  const key = 'STRIPE_LIVE_SECRET_KEY';
  const withFile = (path: string, more: Environment = {}) => ({
    ...stripe,
    [key]: undefined,
    [`${key}_FILE`]: path,
    ...more,
  });

  it.each(['/run/key', '/run/windows'])('%s, whose last line break does not count', (path) => {
    expect(read(withFile(path))[key]).toBe('sk_live_canary');
  });

  it.each(['/run/empty', '/run/newline'])('%s, which counts as unset', (path) => {
    expect(read(withFile(path))[key]).toBeUndefined();
  });

  const faults: [string, Environment, string[]][] = [
    ['a file that is not there', withFile('/run/none'), [`${key}_FILE`]],
    ['a file with two lines', withFile('/run/two-lines'), [key]],
    ['a file beside the variable', withFile('/run/key', { [key]: 'sk_live_canary' }), [key]],
    [
      'a file for Directus that is not there',
      { DIRECTUS_URL: '', DIRECTUS_URL_FILE: '/run/none' },
      ['DIRECTUS_URL_FILE'],
    ],
    [
      'a collection’s file that is not there',
      { ...stripe, STRIPE_CUSTOMERS_COLLECTION: '', STRIPE_CUSTOMERS_COLLECTION_FILE: '/run/none' },
      ['STRIPE_CUSTOMERS_COLLECTION_FILE'],
    ],
  ];
  it.each(faults)('%s is a fault', (_what, environment, names) => {
    expect(namesOf(environment)).toEqual(names);
  });

  it('every variable has one', () => {
    expect(
      read({ STRIPE_LIVE_SECRET_KEY_FILE: '/run/key', STRIPE_CUSTOMERS_COLLECTION_FILE: '/run/collection' }),
    ).toEqual(read(stripe));
  });
});
