import { describe, expect, it } from '@jest/globals';
import { type Call, CallError } from '../../../src/directus/call.ts';
import { carryOut } from '../../../src/init/carry-out.ts';
import { makePlan } from '../../../src/init/plan.ts';
import { nameOf } from '../../../src/init/step.ts';

const existing = { version: undefined, hasPolicies: true, collections: new Map(), policies: new Map() };
const wanted = {
  name: 'shop',
  icon: 'vpn_lock',
  upstreams: ['x'],
  routes: ['GET /x'],
  rowFields: [],
  parameters: ['To'],
  optional: false,
};
const { create: steps } = makePlan({ collections: [wanted], upstreams: ['x'], with: [], serviceUser: true }, existing);

/** Keeps what it is sent, and refuses one path. */
function recordingCall(refuses?: { path: string; at: number }) {
  const sent: [string, object | undefined][] = [];
  const call: Call = (_method, path, body) => {
    if (path === refuses?.path && sent.filter(([each]) => each === path).length === refuses.at) {
      return Promise.reject(new CallError('limit exceeded.', 'LIMIT_EXCEEDED', 403));
    }
    sent.push([path, body]);
    return Promise.resolve({ id: `id-${sent.length}` });
  };
  return { sent, call };
}

describe('what is created in Directus', () => {
  it('is a table with a key, policies without rights beyond the listed ones, and a user who has two of them', async () => {
    const { sent, call } = recordingCall();
    const { failed, left, token } = await carryOut(steps, existing, call, () => undefined);

    expect([failed, left]).toEqual([undefined, []]);
    expect(sent).toMatchObject([
      ['/collections', { collection: 'gateway', schema: null }],
      [
        '/collections',
        {
          collection: 'shop',
          schema: {},
          meta: { hidden: true, group: 'gateway' },
          fields: [
            { field: 'id', type: 'integer', schema: { is_primary_key: true, has_auto_increment: true } },
            { field: 'To', type: 'string' },
          ],
        },
      ],
      ['/policies', { name: 'Gateway: x', admin_access: false, app_access: false, permissions: [] }],
      ['/policies', { name: 'Gateway service', admin_access: false, app_access: false, ip_access: null }],
      ['/policies', { name: 'Gateway address test', admin_access: false, ip_access: ['192.0.2.1'] }],
      ['/users', { first_name: 'Directus Gateway', policies: [{ policy: 'id-4' }, { policy: 'id-5' }], token }],
    ]);
    expect(token).toMatch(/^[\w-]{43}$/);
  });

  it('ends at the first refusal, with what is left', async () => {
    const { sent, call } = recordingCall({ path: '/policies', at: 1 });
    const seen: string[] = [];
    const outcome = await carryOut(steps, existing, call, (step) => seen.push(nameOf(step)));

    expect(sent).toHaveLength(3);
    expect(seen).toEqual(['folder gateway', 'collection shop', 'policy Gateway: x']);
    expect(outcome.failed).toMatchObject({ step: { name: 'Gateway service' }, error: { code: 'LIMIT_EXCEEDED' } });
    expect(outcome.left.map(nameOf)).toEqual([
      'policy Gateway service',
      'policy Gateway address test',
      'user Directus Gateway',
    ]);
    expect(outcome).not.toHaveProperty('token');
  });

  it('uses the policies that are there', async () => {
    const { sent, call } = recordingCall();
    const policies = new Map([['Gateway service', { id: 'there', reads: [], creates: [], users: 0 }]]);
    const step = {
      kind: 'permission',
      policy: 'Gateway service',
      action: 'read',
      collection: 'directus_users',
    } as const;
    await carryOut([step], { ...existing, policies }, call, () => undefined);

    expect(sent).toMatchObject([['/permissions', { policy: 'there', collection: 'directus_users', action: 'read' }]]);
  });
});
