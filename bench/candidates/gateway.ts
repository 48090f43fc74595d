import { join } from 'node:path';
import { collection, token } from '../answers.ts';
import { type Candidate, type Recipe, requireTls, type Site, startRecipe } from './candidate.ts';

const command = join(import.meta.dirname, '../../bin/directus-gateway.js');
const withStaticToken = { Authorization: 'Bearer bench-static-token-of-a-user' };
const withSession = { Authorization: `Bearer ${token}` };

/** As built for production, with nothing turned off: log, CORS, rates, remembered answers. */
const complete = (port: number, { surroundings }: Site, further: Record<string, string>) => ({
  program: process.execPath,
  args: [command],
  env: {
    HOST: '127.0.0.1',
    PORT: String(port),
    DIRECTUS_URL: surroundings.directus,
    LOG_STYLE: 'raw',
    CORS_ENABLED: 'true',
    CORS_ORIGIN: 'https://app.example.com',
    RATE_LIMITER_ENABLED: 'true',
    RATE_LIMITER_POINTS: '100000000', // nobody gets that far
    SERVER_SHUTDOWN_TIMEOUT: '1s',
    ...further,
  },
});

const gatewayYaml = (upstream: string): string => `upstreams:
  api:
    origin: ${upstream}
    plaintext: loopback
    credential: { bearer: "\${UPSTREAM_KEY}" }
    rules: [{ methods: [GET], path: /v1/customers/:id, collection: ${collection} }]
`;

const declared = (port: number, site: Site, upstream: string, env: Record<string, string> = {}): Recipe => ({
  ...complete(port, site, { UPSTREAM_KEY: 'key-of-the-upstream', ...env }),
  files: { 'gateway.yaml': gatewayYaml(upstream) },
  path: '/api/v1/customers/cus_1',
  headers: withStaticToken,
});

export const gateway: Candidate = {
  name: 'gateway',
  does: 'directus-gateway before a declared API: token, permission, rate, credential, log',
  start: (site) => startRecipe('gateway', site, ({ port }) => declared(port, site, site.surroundings.upstream)),
};

export const gatewayTls: Candidate = {
  name: 'gateway-tls',
  does: 'the same, with TLS to the upstream',
  start: (site) => {
    const { upstream, certificate } = requireTls(site);
    const env = { NODE_EXTRA_CA_CERTS: certificate };
    return startRecipe('gateway-tls', site, ({ port }) => declared(port, site, upstream, env));
  },
};

export const gatewayStripe: Candidate = {
  name: 'gateway-stripe',
  does: "directus-gateway's packaged rules for Stripe, with a session's token",
  start: (site) =>
    startRecipe('gateway-stripe', site, ({ port }) => ({
      ...complete(port, site, {
        STRIPE_LIVE_SECRET_KEY: 'sk_test_bench',
        STRIPE_CUSTOMERS_COLLECTION: collection,
        STRIPE_API_URL: site.surroundings.upstream,
      }),
      path: '/stripe/v1/customers/cus_1',
      headers: withSession,
    })),
};

export const gatewayCold: Candidate = {
  name: 'gateway-cold',
  does: 'as gateway, but each request bears a token never seen before: one question to Directus each',
  start: (site) =>
    startRecipe('gateway-cold', site, ({ port }) => ({
      ...declared(port, site, site.surroundings.upstream),
      headers: withSession,
      countTokens: true,
    })),
};
