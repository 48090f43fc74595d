import { afterEach, describe, expect } from '@jest/globals';
import { head } from '../world/dial.ts';
import { useWorld } from '../world/use-world.ts';
import { accountSid, tokens } from '../world/world.ts';
import { type Attack, carryOut } from './attack.ts';

const config = `
upstreams:
  shop:
    origin: "\${STRIPE_API_URL}"
    plaintext: loopback
    hostnames: [shop.gateway.example]
    credential: { bearer: "\${STRIPE_LIVE_SECRET_KEY}" }
    rules:
      - { path: /closed/*, deny: closed }
      - { path: /raw/:resource, collection: "{resource}" }
      - { methods: [GET], path: [/orders, /closed/*, /*], collection: customers }
`;
const world = await useWorld({}, { config });
const bearer = `Authorization: Bearer ${tokens.admin}`;
const get = (target: string, ...lines: string[]) =>
  head(`GET ${target} HTTP/1.1`, bearer, ...lines, 'Connection: close');
const at = (host: string, target: string, ...lines: string[]) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${[bearer, ...lines, 'Connection: close', '', ''].join('\r\n')}`;
const refused = '400 INVALID_PAYLOAD';
const forbidden = '403 FORBIDDEN';
const own = `/twilio/2010-04-01/Accounts/${accountSid}`;
const other = 'AC00000000000000000000000000000002';

/** Somebody who has every permission that there could be, so that nothing but the path can refuse. */
const full = { access: 'full', fields: ['*'] };
const everything = { create: full, read: full, update: full, delete: { access: 'full' } };
const all = 'canaryTokenAll';
const named = ['customers', 'messages', 'directus_users', 'DIRECTUS_USERS', 'a.b', 'a b'];
const resources = ['ephemeral_keys', 'webhook_endpoints', 'files', 'account', 'terminal', 'issuing', 'apps', 'links'];
world.directus.users.set(all, {
  id: 'user-all',
  permissions: Object.fromEntries(
    [...named, ...resources.map((resource) => `stripe_${resource}`)].map((name) => [name, everything]),
  ),
});
const by = (method: string, target: string) =>
  head(`${method} ${target} HTTP/1.1`, `Authorization: Bearer ${all}`, 'Content-Length: 0', 'Connection: close');

const ambiguous: readonly (readonly [string, string, string])[] = [
  ['/stripe/v1/customers/../balance', 'dot segments', 'RFC 3986 section 5.2.4'],
  ['/stripe/v1/customers/..', 'dot segments at the end', 'RFC 3986 section 5.2.4'],
  ['/stripe/v1/./customers', 'a single dot', 'RFC 3986 section 5.2.4'],
  ['/stripe/v1/customers/%2e%2e/balance', 'encoded dots', 'CVE-2021-41773'],
  ['/stripe/v1/customers/%2E./balance', 'half encoded dots', 'CVE-2021-41773'],
  ['/stripe/v1/customers/.%2e/balance', 'half encoded dots', 'CVE-2021-41773'],
  ['/stripe/v1/customers/%252e%252e/balance', 'doubly encoded dots', 'CVE-2021-41773'],
  ['/stripe/v1/customers/%25', 'an encoded percent sign', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/..%2fbalance', 'an encoded slash', 'CVE-2021-29492'],
  ['/stripe/v1/customers%2F..%2Fbalance', 'encoded slashes', 'CVE-2021-29492'],
  ['/stripe/v1/customers/..%5cbalance', 'an encoded backslash', 'CVE-2007-0450'],
  ['/stripe/v1/customers/..\\balance', 'a backslash', 'CVE-2007-0450'],
  ['/stripe/v1/customers?a=\\b', 'a backslash in the query, which some read as a slash', 'CVE-2007-0450'],
  ['/stripe\\v1\\customers', 'backslashes for slashes', 'CVE-2007-0450'],
  ['//stripe/v1/customers', 'an empty first segment', 'CVE-2019-9901'],
  ['//evil.test/stripe/v1/customers', 'what a browser reads as a host', 'CWE-601'],
  ['/stripe//v1/customers', 'an empty segment', 'CVE-2019-9901'],
  ['/stripe/v1//customers', 'an empty segment', 'CVE-2019-9901'],
  ['/stripe/v1/customers//', 'an empty segment at the end', 'CVE-2019-9901'],
  ['/stripe/v1/customers;x=1', 'a path parameter', 'Orange Tsai, Breaking Parser Logic (Black Hat 2018)'],
  [
    '/stripe/v1/customers/..;/balance',
    'dots with a path parameter',
    'Orange Tsai, Breaking Parser Logic (Black Hat 2018)',
  ],
  ['/stripe/v1/customers/%3b', 'an encoded semicolon', 'Orange Tsai, Breaking Parser Logic (Black Hat 2018)'],
  ['/stripe/v1/customers/%3fa=1', 'an encoded question mark', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/%23', 'an encoded hash', 'CVE-2021-32779'],
  ['/stripe/v1/customers#fragment', 'a fragment', 'CVE-2021-32779'],
  ['/stripe/v1/customers?a=1#fragment', 'a fragment after the query', 'CVE-2021-32779'],
  ['/stripe/v1/customers/%00', 'a null byte', 'CWE-158'],
  ['/stripe/v1/customers%00.json', 'a null byte', 'CWE-158'],
  ['/stripe/v1/customers%0d%0aX-Injected:%201', 'a line break', 'CWE-93'],
  ['/stripe/v1/customers%7f', 'a control character', 'RFC 3986 section 2'],
  ['/stripe/v1/customer%73', 'an encoded letter', 'RFC 3986 section 6.2.2.2'],
  ['/%73tripe/v1/customers', 'an encoded letter in the upstream’s name', 'RFC 3986 section 6.2.2.2'],
  ['/stripe/v1/customers/%c0%ae%c0%ae/balance', 'overlong UTF-8', 'CVE-2008-2938'],
  ['/stripe/v1/customers/%ff', 'no UTF-8', 'RFC 3629 section 3'],
  ['/stripe/v1/customers/%', 'a lone percent sign', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/%2', 'half an encoding', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/%zz', 'no encoding', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/%u002e', 'an encoding of its own kind', 'CWE-173'],
  ['/stripe/v1/customers/{id}', 'braces', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/a|b', 'a bar', 'RFC 3986 section 2'],
  ['/stripe/v1/customers/\xe4', 'a byte beyond ASCII', 'RFC 3986 section 2'],
  ['/stripe/v1/customers?q=\xe4', 'a byte beyond ASCII in the query', 'RFC 3986 section 2'],
  ['http://api.stripe.com/stripe/v1/customers', 'the absolute form', 'RFC 9112 section 3.2.2'],
  ['http://evil.test/v1/customers', 'the absolute form, another host', 'RFC 9112 section 3.2.2'],
  ['https://api.stripe.com/v1/customers', 'the absolute form, https', 'RFC 9112 section 3.2.2'],
  ['http://[/', 'an address that is none', 'RFC 3986 section 3.2.2'],
  ['stripe/v1/customers', 'no slash', 'RFC 3986 section 2'],
  ['*', 'the asterisk form', 'RFC 9112 section 3.2.4'],
  ['api.stripe.com:443', 'the authority form', 'RFC 9112 section 3.2.3'],
];

const accounts: readonly (readonly [string, string, string])[] = [
  [other, forbidden, 'another one'],
  [accountSid.toLowerCase(), forbidden, 'its own in another case, which Twilio might take for another'],
  [`${accountSid}.json`, forbidden, 'an extension'],
  [`${accountSid}0`, forbidden, 'one more digit'],
  [accountSid.slice(0, -1), forbidden, 'one digit less'],
  [`%41${accountSid.slice(1)}`, refused, 'an encoded letter'],
  [`${accountSid.slice(0, -1)}%31`, refused, 'an encoded digit'],
  [`${other}/../${accountSid}`, refused, 'dot segments'],
  [`${accountSid}/../${other}`, refused, 'dot segments back'],
  [`${accountSid}%2f..%2f${other}`, refused, 'encoded dot segments'],
  [`${accountSid};${other}`, refused, 'a path parameter'],
  [`${accountSid}%00${other}`, refused, 'a null byte'],
  [`${accountSid}%20`, forbidden, 'a blank'],
  [`${accountSid}%C2%A0`, forbidden, 'a no-break space'],
];

/** Answers that hold secrets, in every spelling that the API may take for theirs. */
const secretSpellings: readonly (readonly [string, string])[] = [
  ['GET', own],
  ['GET', `${own}.json`],
  ['GET', `${own}.JSON`],
  ['GET', `/twilio/2010-04-01/accounts/${accountSid}.json`],
  ['GET', '/twilio/2010-04-01/Accounts.json'],
  ['POST', `${own}/Keys.json`],
  ['POST', `${own}/keys.json`],
  ['POST', `${own}/Keys`],
  ['POST', `${own}/Keys.xml`],
  ['POST', `${own}/SigningKeys.json/`],
  ['POST', `${own}/TOKENS.json`],
  ['POST', `${own}/%EF%BC%B4okens.json`],
  ['POST', '/stripe/v1/ephemeral_keys'],
  ['POST', '/stripe/v1/Ephemeral_Keys'],
  ['POST', '/stripe/v1/ephemeral_keys/'],
  ['POST', '/stripe/v1/ephemeral_%E2%84%AAeys'],
  ['POST', '/stripe/v1/webhook_endpoints'],
  ['POST', '/stripe/v1/WEBHOOK_ENDPOINTS'],
  ['GET', '/stripe/files.stripe.com/v1/files/file_1/contents'],
  ['GET', '/stripe/v1/files/file_1/Contents'],
];

const foreignHosts: readonly (readonly [string, string])[] = [
  ['/stripe/evil.test/v1/customers', forbidden],
  ['/stripe/api.stripe.com/v1/customers', forbidden],
  ['/stripe/FILES.STRIPE.COM/v1/files', forbidden],
  ['/stripe/files.stripe.com./v1/files', forbidden],
  ['/stripe/files.stripe.com:443/v1/files', forbidden],
  ['/twilio/verify.twilio.com.evil.test/v2/Services', forbidden],
  ['/twilio/verify.twilio.com@evil.test/v2/Services', forbidden],
  ['/twilio/127.0.0.1/2010-04-01', forbidden],
  ['/twilio/@evil.test/2010-04-01', forbidden],
  ['/stripe@evil.test/v1/customers', '404 ROUTE_NOT_FOUND'],
  ['/stripe:443/v1/customers', '404 ROUTE_NOT_FOUND'],
];

const collections = [
  'directus_users',
  'DIRECTUS_USERS',
  'constructor',
  'toString',
  '__proto__',
  'a.b',
  'a%20b',
  'CUSTOMERS',
];

const attacks: readonly Attack[] = [
  ...ambiguous.map(
    ([target, what, source]): Attack => ({
      name: `${target}: ${what}`,
      sends: get(target),
      gets: refused,
      asks: [],
      source,
    }),
  ),
  ...['/stripe/v1/customers/', '/stripe/v1/customers/cus_1/', '/stripe/', `${own}/Messages.json/`].map(
    (target): Attack => ({ name: `a final slash: ${target}`, sends: get(target), gets: forbidden, source: 'CWE-41' }),
  ),
  ...accounts.map(
    ([account, gets, what]): Attack => ({
      name: `an account of Twilio, ${what}`,
      sends: get(`/twilio/2010-04-01/Accounts/${account}/Messages.json`),
      gets,
      source: 'CWE-639',
    }),
  ),
  ...secretSpellings.map(
    ([method, target]): Attack => ({
      name: `${method} ${target}`,
      sends: by(method, target),
      gets: forbidden,
      source: 'CWE-178; CWE-200',
    }),
  ),
  ...foreignHosts.map(
    ([target, gets]): Attack => ({
      name: `a host of one’s own: ${target}`,
      sends: by('GET', target),
      gets,
      source: 'CWE-918',
    }),
  ),
  ...collections.map(
    (name): Attack => ({
      name: `a collection by the name of ${name}`,
      sends: by('GET', `/shop/raw/${name}`),
      gets: forbidden,
      source: 'CWE-915',
    }),
  ),
  ...['/shop/Closed/a', '/shop/CLOSED/a', '/shop/closed/a/', '/shop/clo%C5%BFed/a'].map(
    (target): Attack => ({
      name: `what is closed, as ${target}`,
      sends: get(target),
      gets: forbidden,
      source: 'CWE-178',
    }),
  ),
  {
    name: 'the route of one upstream on the host name of another',
    sends: at('shop.gateway.example', '/stripe/../v1/customers'),
    gets: refused,
    source: 'CWE-444',
  },
  {
    name: 'the gateway’s own routes on the host name of an upstream that closes them',
    sends: at('shop.gateway.example', '/closed/a'),
    gets: forbidden,
    source: 'ours',
  },
  ...['shop.gateway.example.', 'evil.test@shop.gateway.example.evil.test', 'shop.gateway.example.evil.test'].map(
    (host): Attack => ({
      name: `the host name ${host}, which is none of an upstream`,
      sends: at(host, '/orders'),
      gets: ['404 ROUTE_NOT_FOUND', refused],
      source: 'portswigger.net/web-security/host-header',
    }),
  ),
  {
    name: 'X-Forwarded-Host of a caller, where no proxy is trusted',
    sends: at(
      'gateway.test',
      '/orders',
      'X-Forwarded-Host: shop.gateway.example',
      'Forwarded: host=shop.gateway.example',
    ),
    gets: '404 ROUTE_NOT_FOUND',
    source: 'portswigger.net/web-security/host-header',
  },
  {
    name: 'two Host lines, the second one an upstream’s',
    sends: at('gateway.test', '/orders', 'Host: shop.gateway.example'),
    gets: ['404 ROUTE_NOT_FOUND', refused],
    source: 'RFC 9112 section 3.2',
  },
];

describe('a path or a host that leads elsewhere', () => {
  afterEach(() => expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe(''));
  carryOut(world, attacks);
});
