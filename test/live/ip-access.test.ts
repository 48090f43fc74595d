import { beforeAll, describe, expect, it } from '@jest/globals';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import { type LiveWorld, useLiveWorld, versions } from '../world/live-world.ts';
import { logIn } from '../world/log-in.ts';
import { newUser } from '../world/new-user.ts';
import { startGateway } from '../world/start-gateway.ts';
import { verdictOn } from '../world/verdict.ts';

const trusted = ['203.0.113.7', '198.51.100.0/24', '192.0.2.10-192.0.2.20', '2001:db8::7'];

type Place = { readonly where: string; readonly address: string; readonly verdict: '200' | '403 FORBIDDEN' };

const places: Place[] = [
  { where: 'at a trusted address', address: '203.0.113.7', verdict: '200' },
  { where: 'at the address beside it', address: '203.0.113.8', verdict: '403 FORBIDDEN' },
  { where: 'at the trusted address in its IPv6 form', address: '::ffff:203.0.113.7', verdict: '200' },
  { where: 'at another address in IPv6 form', address: '::ffff:203.0.113.8', verdict: '403 FORBIDDEN' },
  { where: 'in a trusted network', address: '198.51.100.255', verdict: '200' },
  { where: 'beside the trusted network', address: '198.51.101.0', verdict: '403 FORBIDDEN' },
  { where: 'in a trusted range', address: '192.0.2.20', verdict: '200' },
  { where: 'beside the trusted range', address: '192.0.2.21', verdict: '403 FORBIDDEN' },
  { where: 'at a trusted IPv6 address', address: '2001:db8::7', verdict: '200' },
  { where: 'at that address written in full', address: '2001:0DB8:0:0:0:0:0:7', verdict: '200' },
  { where: 'at another IPv6 address', address: '2001:db8::8', verdict: '403 FORBIDDEN' },
  { where: 'on the gateway’s own machine', address: '127.0.0.1', verdict: '403 FORBIDDEN' },
];

describe.each(versions)('on Directus %s, to a caller whose policy counts at some addresses only', (version) => {
  const live = useLiveWorld(version, { IP_TRUST_PROXY: 'true' });
  let proofs: string[];

  beforeAll(async () => {
    const { directus } = live();
    const access = { name: 'office', ip_access: trusted, admin_access: false, app_access: false };
    const policy = await createInDirectus(directus, '/policies', access);
    const mayRead = { policy, collection: 'customers', action: 'read', fields: ['*'], permissions: {} };
    await callDirectus(directus, 'POST', '/permissions', mayRead);
    const password = 'a password of no account but in a test';
    const user = await newUser(directus, { password, policies: [{ policy }] });
    const { accessToken } = await logIn(directus.url, { ...user, password }, 'json');
    const { cookie } = await logIn(directus.url, { ...user, password }, 'session');
    proofs = [`Authorization: Bearer ${user.token}`, `Authorization: Bearer ${accessToken}`, `Cookie: ${cookie}`];
  });

  it.each(places)('who is $where, the gateway says what Directus says: $verdict', async ({ address, verdict }) => {
    const itself = await Promise.all(proofs.map((proof) => directusSays(live(), proof, address)));
    const through = await Promise.all(proofs.map((proof) => gatewaySays(live().gateway.port, proof, address)));

    expect({ itself, through }).toEqual({ itself: proofs.map(() => verdict), through: proofs.map(() => verdict) });
    expect(live().taps.stripe.seen).toHaveLength(verdict === '200' ? proofs.length : 0);
  });

  it('who moves from one address to another and back, each answer is that of the address', async () => {
    const { gateway, taps } = live();
    const [proof = ''] = proofs;
    const verdicts: string[] = [];
    for (const address of ['203.0.113.7', '203.0.113.8', '203.0.113.7', '203.0.113.8']) {
      verdicts.push(await gatewaySays(gateway.port, proof, address));
    }

    expect(verdicts).toEqual(['200', '403 FORBIDDEN', '200', '403 FORBIDDEN']);
    expect(taps.stripe.seen).toHaveLength(2);
  });

  it('who claims an address, the gateway refuses unless the claim comes from a proxy that it trusts', async () => {
    const { environment, taps } = live();
    const [proof = ''] = proofs;
    const behindNone = await startGateway({ ...environment, IP_TRUST_PROXY: 'false' });
    const behindOne = await startGateway({ ...environment, IP_TRUST_PROXY: '1' });
    const verdicts = [
      await gatewaySays(behindNone.port, proof, '203.0.113.7'),
      await gatewaySays(behindOne.port, proof, '203.0.113.7, 203.0.113.8'),
      await gatewaySays(behindOne.port, proof, '203.0.113.8, 203.0.113.7'),
    ];
    await Promise.all([behindNone.stop(), behindOne.stop()]);

    expect(verdicts).toEqual(['403 FORBIDDEN', '403 FORBIDDEN', '200']);
    expect(taps.stripe.seen).toHaveLength(1);
  });
});

const gatewaySays = (port: number, proof: string, address: string): Promise<string> =>
  verdictOn(port, '/stripe/v1/customers', [proof, `X-Forwarded-For: ${address}`]);

/** Asked for rows of the collection, Directus answers by the same permission that the gateway asks about. */
const directusSays = ({ directus }: LiveWorld, proof: string, address: string): Promise<string> =>
  verdictOn(Number(new URL(directus.url).port), '/items/customers', [proof, `X-Forwarded-For: ${address}`]);
