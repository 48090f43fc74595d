import Stripe from 'stripe';

/**
 * Stripe's own client behind the gateway's path `/stripe`: it takes a host and a port, and no path, so the HTTP client
 * that it calls adds the path. It knows no other key than the Directus token.
 */
export function stripeBehind(gateway: string, directusToken: string, more: Stripe.StripeConfig = {}): Stripe {
  const { protocol, hostname, port } = new URL(gateway);
  const client = Stripe.createFetchHttpClient();
  return new Stripe(directusToken, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    port: port || 443,
    httpClient: {
      getClientName: () => client.getClientName(),
      makeRequest: (host, port, path, ...rest) => client.makeRequest(host, port, `/stripe${path}`, ...rest),
    },
    ...more,
  });
}
