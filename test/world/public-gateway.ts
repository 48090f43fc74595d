import { type RunningGateway, startGateway } from './start-gateway.ts';

export type PublicGatewayParts = {
  readonly directusUrl: string;
  readonly serviceToken: string;
  readonly stripeUrl: string;
  readonly stripeKey: string;
};

/** A gateway that lets callers without a token ask Stripe's own API for customers. It remembers for five minutes. */
export const startPublicGateway = (parts: PublicGatewayParts): Promise<RunningGateway> =>
  startGateway(
    {
      DIRECTUS_URL: parts.directusUrl,
      DIRECTUS_TOKEN: parts.serviceToken,
      STRIPE_API_URL: parts.stripeUrl,
      STRIPE_LIVE_SECRET_KEY: parts.stripeKey,
      STRIPE_CUSTOMERS_COLLECTION: 'customers',
    },
    {
      config: `
        upstreams:
          stripe:
            rules:
              - { path: [/v1/customers, /v1/customers/*], collection: customers, public: true }
      `,
    },
  );
