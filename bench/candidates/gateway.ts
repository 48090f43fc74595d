import { collection, customerPath, token } from '../answers.ts';
import { type Candidate, plainAndTls, startRecipe, trusting } from './candidate.ts';
import { complete, declared } from './gateway-recipe.ts';

const withSession = { Authorization: `Bearer ${token}` };

export const [gateway, gatewayTls] = plainAndTls(
  {
    name: 'gateway',
    does: 'directus-gateway before a declared API: token, permission, rate, credential, log',
  },
  (name, site, api) =>
    startRecipe(name, site, ({ port }) => declared(port, site, { upstream: api.upstream, env: trusting(api) })),
);

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
      path: `/stripe${customerPath}`,
      headers: withSession,
    })),
};

export const gatewayCold: Candidate = {
  name: 'gateway-cold',
  does: 'as gateway, but each request bears a token never seen before: one question to Directus each',
  start: (site) =>
    startRecipe('gateway-cold', site, ({ port }) => ({
      ...declared(port, site, { upstream: site.surroundings.upstream }),
      headers: withSession,
      countTokens: true,
    })),
};
