import { join } from 'node:path';
import { collection, token } from '../answers.ts';
import { type Candidate, type Recipe, type Site, startRecipe } from './candidate.ts';

const command = join(import.meta.dirname, '../../bin/directus-gateway.js');
const staticToken = 'bench-static-token-of-a-user';

/** As built for production, with nothing turned off: log, CORS, rates, remembered answers. */
const complete = (port: number, { surroundings }: Site): Pick<Recipe, 'program' | 'args' | 'env'> => ({
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
    RATE_LIMITER_POINTS: '1000000',
    SERVER_SHUTDOWN_TIMEOUT: '1s',
    UPSTREAM_KEY: 'key-of-the-upstream',
  },
});

const declared = (upstream: string): string => `upstreams:
  api:
    origin: ${upstream}
    plaintext: loopback
    credential: { bearer: "\${UPSTREAM_KEY}" }
    rules: [{ methods: [GET], path: /v1/customers/:id, collection: ${collection} }]
`;

const bearing = (bearer: string) => ({ Authorization: `Bearer ${bearer}` });

export const gateway: Candidate = {
  name: 'gateway',
  does: 'directus-gateway, a declared API: token, permission, rate, credential, log',
  start: (site) =>
    startRecipe('gateway', site, ({ port }) => ({
      ...complete(port, site),
      files: { 'gateway.yaml': declared(site.surroundings.upstream) },
      path: '/api/v1/customers/cus_1',
      headers: bearing(staticToken),
    })),
};

export const gatewayCold: Candidate = {
  name: 'gateway-cold',
  does: 'the same, and every request bears a token never seen before: one question to Directus each',
  start: (site) =>
    startRecipe('gateway-cold', site, ({ port }) => ({
      ...complete(port, site),
      files: { 'gateway.yaml': declared(site.surroundings.upstream) },
      path: '/api/v1/customers/cus_1',
      headers: bearing(token),
      countTokens: true,
    })),
};

export const gatewayStripe: Candidate = {
  name: 'gateway-stripe',
  does: "the same through the packaged rules for Stripe, with a session's token",
  start: (site) =>
    startRecipe('gateway-stripe', site, ({ port }) => {
      const { env, ...rest } = complete(port, site);
      const stripe = {
        STRIPE_LIVE_SECRET_KEY: 'sk_test_bench',
        STRIPE_CUSTOMERS_COLLECTION: collection,
        STRIPE_API_URL: site.surroundings.upstream,
      };
      return { ...rest, env: { ...env, ...stripe }, path: '/stripe/v1/customers/cus_1', headers: bearing(token) };
    }),
};
