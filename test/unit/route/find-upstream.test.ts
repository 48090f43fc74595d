import { describe, expect, it } from '@jest/globals';
import { errorFormOf, findUpstream, type Upstreams } from '../../../src/route/find-upstream.ts';
import { refusalOf } from '../refusal.ts';
import { stripeUpstream, twilioUpstream } from '../settings.ts';

const stream = () => Promise.resolve();
const upstreams: Upstreams = new Map(
  [stripeUpstream, { ...twilioUpstream, errorForm: 'directus' as const }].map((upstream) => [
    upstream.name,
    { upstream, stream },
  ]),
);

describe('a caller reaches the upstream that the first segment names, and the path below it', () => {
  const paths: [string, string, string][] = [
    ['/stripe/v1/customers', 'stripe', '/v1/customers'],
    ['/twilio/2010-04-01/Accounts/AC1/Calls.json', 'twilio', '/2010-04-01/Accounts/AC1/Calls.json'],
    ['/stripe/stripe/v1', 'stripe', '/stripe/v1'],
    ['/stripe/v1/%2B1', 'stripe', '/v1/%2B1'],
  ];

  it.each(paths)('%s', (path, name, rest) => {
    const found = findUpstream(upstreams, { path, query: 'a=%20' });
    expect(found.upstream.name).toBe(name);
    expect(found.stream).toBe(stream);
    expect(found.target).toEqual({ path: rest, query: 'a=%20' });
  });
});

describe('a caller of a route that is not there is told so as Directus does', () => {
  const paths: [string, string][] = [
    ['/paypal/v1', 'no such upstream'],
    ['/stripe', 'nothing below the upstream'],
    ['/STRIPE/v1', 'names are case-sensitive'],
    ['/stripes/v1', 'a name that only begins alike'],
    ['/constructor/name', 'a member of every object'],
    ['/__proto__/x', 'the prototype of every object'],
    ['/', 'no name'],
  ];

  it.each(paths)('%s (%s)', (path) => {
    expect(refusalOf(() => findUpstream(upstreams, { path, query: '' }))).toMatchObject({
      code: 'ROUTE_NOT_FOUND',
      status: 404,
      message: `Route ${path} doesn't exist.`,
      extensions: { path },
    });
  });
});

describe('a caller reads errors in the form that the client of the named upstream understands', () => {
  const routes: [string, 'sdk' | 'directus', string][] = [
    ['/stripe/v1/customers?a=1', 'sdk', 'a plain route'],
    ['/stripe/../x', 'sdk', 'a path that is refused'],
    ['/stripe', 'sdk', 'nothing below the upstream'],
    ['/stripe?a=/', 'sdk', 'a query right after the name'],
    ['/twilio/x', 'directus', 'the upstream’s own choice'],
    ['/paypal/v1', 'directus', 'no such upstream'],
    ['/?/stripe/', 'directus', 'the name only in the query'],
    ['*', 'directus', 'no path at all'],
    ['', 'directus', 'nothing'],
  ];

  it.each(routes)('%s gets %s (%s)', (route, form) => {
    expect(errorFormOf(upstreams, route)).toBe(form);
  });
});
