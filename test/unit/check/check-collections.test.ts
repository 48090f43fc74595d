import { describe, expect, it } from '@jest/globals';
import { checkCollections } from '../../../src/check/check-collections.ts';
import { type Call, CallError } from '../../../src/directus/call.ts';

const wanted = {
  name: 'customers',
  icon: 'vpn_lock',
  upstreams: ['stripe'],
  routes: ['GET /'],
  rowFields: ['cus'],
  parameters: [],
  optional: false,
};

const directus =
  (isAdministrator: boolean, collections: readonly object[], fields: readonly object[] = []): Call =>
  (_method, path) => {
    if (path === '/collections') return Promise.resolve(collections);
    if (path === '/fields') return Promise.resolve(fields);
    return Promise.resolve({ id: 'me', admin_access: isAdministrator });
  };
const table = { collection: 'customers', schema: {} };
const field = { collection: 'customers', field: 'cus' };

describe('a collection that a rule names', () => {
  it.each([
    ['is there with its field', directus(true, [table], [field]), 'ok', /is there, with cus/],
    ['is missing', directus(true, []), 'fault', /not in Directus/],
    ['lacks the field', directus(true, [table]), 'fault', /its field cus is not in Directus/],
    ['is a folder', directus(true, [{ collection: 'customers', schema: null }]), 'fault', /folder/],
    ['is not seen by a user who is no administrator', directus(false, []), 'warn', /not seen with this token/],
  ] as const)('%s', async (_what, call, status, message) => {
    expect(await checkCollections([wanted], call)).toMatchObject([
      { name: 'customers', status, message: expect.stringMatching(message) },
    ]);
  });

  it('is only listed when it is optional and missing', async () => {
    const optional = { ...wanted, name: 'stripe_prices', optional: true };
    expect(await checkCollections([optional], directus(true, []))).toMatchObject([
      { name: 'optional', status: 'off', message: 'not there: stripe_prices' },
    ]);
  });

  it('cannot be told where Directus refuses to say', async () => {
    const refuse: Call = () => Promise.reject(new CallError('No.', 'FORBIDDEN', 403));
    expect(await checkCollections([wanted], refuse)).toMatchObject([
      { status: 'warn', message: 'not told of customers: this token may not see the collections' },
    ]);
  });
});
