import type { IncomingMessage } from 'node:http';
import { gatewayAddresses } from '../../src/answer/gateway-addresses.ts';
import type { Grant } from '../../src/authorize/authorize.ts';
import type { Accountability } from '../../src/directus/accountability.ts';
import type { Admitted } from '../../src/prepare/prepare.ts';
import type { BodySource } from '../../src/prepare/read-body.ts';
import type { Upstream } from '../../src/upstreams/upstream.ts';

/** A grant without any restriction, save those that a test is about. */
export const grantOf = (given: Partial<Grant> = {}): Grant => ({
  rule: { path: '/*', collection: 'c' },
  collection: given.rule?.collection ?? 'c',
  path: new Map(),
  action: 'create',
  fields: 'all',
  presets: {},
  rows: 'all',
  ...given,
});

/** A request whose client does not wait to be invited. */
export const sourceOf = (request: IncomingMessage, maxBytes = 1_000): BodySource => ({
  request,
  maxBytes,
  invite: () => undefined,
});

export const someCaller: Accountability = {
  user: 'user-1',
  role: null,
  share: null,
  ip: '203.0.113.7',
  permissions: new Map(),
};

/** A request that has got so far, at a gateway with the address https://gateway.example. */
export const admittedTo = (
  upstream: Upstream,
  { path, query = '', grant = grantOf() }: { path: string; query?: string; grant?: Grant },
): Admitted => ({
  route: { upstream, target: { path, query }, mount: `/${upstream.name}` },
  accountability: someCaller,
  grant,
  publicUrl: 'https://gateway.example',
});

/** The gateway's addresses for what comes back from the upstream's own origin. */
export const addressesOf = (upstream: Upstream, base = `https://gateway.example/${upstream.name}`) =>
  gatewayAddresses(upstream, { origin: upstream.origin, path: '/', hostSegment: '' }, base);
