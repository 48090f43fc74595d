import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { json, refuse } from '../world/answers.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, tokens } from '../world/world.ts';

const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
const config = `
upstreams:
  stripe:
    rules: [{ path: /v1/customers, collection: customers, budget: { points: 1, per: 1h } }]
  twilio:
    rules:
      - methods: [POST]
        path: /2010-04-01/Accounts/${accountSid}/Messages.json
        collection: messages
        allowValues: { From: ["${phoneNumber}"] }
        destinations: { parameter: To, points: 1, per: 1d, prefixes: ["+49"] }
  limited:
    origin: http://127.0.0.1:1
    plaintext: loopback
    rules: [{ path: /*, collection: customers, budget: { points: 1, per: 1h } }]
`;
const stopLater = useStops();
const world = await useWorld({ CORS_ENABLED: 'true', CORS_ORIGIN: 'https://app.example.com' });
const { directus, stripe } = world;

type Call = {
  readonly path: string;
  /** Of whom it is; each time somebody else with the same permissions, of whom nothing is remembered. */
  readonly token?: string;
  readonly headers?: Record<string, string>;
} & ({ readonly form?: string } | { readonly json?: object });
type Symptom = {
  readonly what: string;
  readonly call: Call;
  /** What is wrong meanwhile. */
  readonly fault?: () => void;
  /** Another gateway, where it takes one. */
  readonly environment?: Record<string, string>;
  readonly options?: GatewayOptions;
  /** So many times, of which the last is the symptom. */
  readonly times?: number;
  /** The status and code, and the reason in the log. */
  readonly shows: readonly [string, string?];
};

const customers = { path: '/stripe/v1/customers', token: tokens.admin };
const message = `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`;
const refusing = (status: number, code: string, text: string) => () =>
  directus.answerWith((_request, response) => refuse(response, status, code, text));
const rows = { environment: { STRIPE_CUSTOMER_ID_FIELD: 'stripe_customer_id' } };
const once = { environment: { RATE_LIMITER_ENABLED: 'true', RATE_LIMITER_POINTS: '1', RATE_LIMITER_DURATION: '60' } };
const writer = 'canaryTokenWriterOfOneField';
const mayWriteEmail = () =>
  directus.users.set(writer, {
    id: 'user-writer',
    permissions: { customers: { create: { access: 'full', fields: ['email'] } } },
  });

const symptoms: Symptom[] = [
  { what: 'no token', call: { path: customers.path }, shows: ['401 INVALID_CREDENTIALS', 'no_token'] },
  {
    what: 'a token that Directus does not know',
    call: { ...customers, token: 'canaryTokenOfNobody' },
    shows: ['401 INVALID_CREDENTIALS', 'directus_refused'],
  },
  {
    what: 'a token past its time',
    call: customers,
    fault: refusing(401, 'TOKEN_EXPIRED', 'Token expired.'),
    shows: ['401 TOKEN_EXPIRED', 'directus_refused'],
  },
  {
    what: 'a token of another Directus',
    call: customers,
    fault: refusing(403, 'INVALID_TOKEN', 'Invalid token.'),
    shows: ['403 INVALID_TOKEN', 'directus_refused'],
  },
  {
    what: 'two tokens',
    call: { ...customers, path: `${customers.path}?access_token=${tokens.admin}` },
    shows: ['400 INVALID_PAYLOAD'],
  },
  {
    what: 'no permission',
    call: { ...customers, token: tokens.nobody },
    shows: ['403 FORBIDDEN', 'no_permission:customers.read'],
  },
  {
    what: 'an item rule that nothing weighs',
    call: { ...customers, token: tokens.partial },
    shows: ['403 FORBIDDEN', 'partial_access:customers.read'],
  },
  {
    what: 'an item rule, and a row that the user cannot read',
    call: { path: '/stripe/v1/customers/cus_1', token: tokens.partial },
    ...rows,
    shows: ['403 FORBIDDEN', 'row_not_readable'],
  },
  {
    what: 'an item rule, and no row named',
    call: { path: '/stripe/v1/payment_intents', token: tokens.partial },
    ...rows,
    shows: ['403 FORBIDDEN', 'no_row_named'],
  },
  {
    what: 'a parameter that is not listed',
    call: { ...customers, token: writer, json: { phone: '+1' } },
    fault: mayWriteEmail,
    shows: ['403 FORBIDDEN', 'unlisted_field'],
  },
  { what: 'a path of no rule', call: { ...customers, path: '/stripe/nothing' }, shows: ['403 FORBIDDEN', 'no_rule'] },
  {
    what: 'what is off',
    call: { ...customers, path: '/stripe/v1/refunds', json: { charge: 'ch_1' } },
    shows: ['403 FORBIDDEN', 'off'],
  },
  {
    what: 'what holds secrets',
    call: { ...customers, path: `/twilio/2010-04-01/Accounts/${accountSid}/Keys.json` },
    shows: ['403 FORBIDDEN', 'secret:Keys'],
  },
  {
    what: 'a sender that is not the account’s number',
    call: { path: message, token: tokens.admin, form: 'To=%2B15005550006&From=%2B15005550001&Body=x' },
    shows: ['403 FORBIDDEN', 'forbidden_parameter'],
  },
  {
    what: 'a number with another beginning',
    call: { path: message, token: tokens.admin, form: 'To=%2B15005550006&Body=x' },
    options: { config },
    shows: ['403 FORBIDDEN', 'foreign_destination'],
  },
  {
    what: 'a write with the cookie from another site',
    call: {
      ...customers,
      token: '',
      json: {},
      headers: { Cookie: `directus_session_token=${tokens.admin}`, Origin: 'https://evil.example' },
    },
    shows: ['403 FORBIDDEN', 'foreign_site'],
  },
  {
    what: 'a forwarded address that is none',
    call: { ...customers, headers: { 'X-Forwarded-For': 'unknown' } },
    environment: { IP_TRUST_PROXY: 'true' },
    shows: ['403 FORBIDDEN', 'no_address'],
  },
  {
    what: '/metrics with its token after Bearer',
    call: { path: '/metrics', token: 'tokenOfPrometheus' },
    environment: { METRICS_ENABLED: 'true', METRICS_TOKENS: 'tokenOfPrometheus' },
    shows: ['403 FORBIDDEN', 'metrics_token'],
  },
  {
    what: '/metrics for somebody who is no administrator',
    call: { path: '/metrics', token: tokens.nobody },
    environment: { METRICS_ENABLED: 'true' },
    shows: ['403 FORBIDDEN', 'not_admin'],
  },
  { what: 'an API that is off', call: { ...customers, path: '/openai/v1/models' }, shows: ['404 ROUTE_NOT_FOUND'] },
  {
    what: 'an API that refuses the gateway’s key',
    call: customers,
    fault: () => stripe.answerWith((_request, response) => json(response, 401, { error: {} })),
    shows: ['502 UPSTREAM_CREDENTIAL_REJECTED'],
  },
  {
    what: 'an API that is not there',
    call: { ...customers, path: '/limited/x' },
    options: { config },
    shows: ['502 UPSTREAM_UNREACHABLE'],
  },
  {
    what: 'Directus failing',
    call: customers,
    fault: refusing(500, 'INTERNAL_SERVER_ERROR', 'x'),
    shows: ['503 SERVICE_UNAVAILABLE'],
  },
  {
    what: 'too many requests',
    call: customers,
    ...once,
    times: 2,
    shows: ['429 REQUESTS_EXCEEDED', 'too_many:address'],
  },
  {
    what: 'a budget that is used up',
    call: customers,
    options: { config },
    times: 2,
    shows: ['429 REQUESTS_EXCEEDED', 'too_many:budget'],
  },
  {
    what: 'too many numbers',
    call: { path: message, token: tokens.admin, form: 'To=%2B4930123&To=%2B4930124&Body=x' },
    options: { config },
    shows: ['429 REQUESTS_EXCEEDED', 'too_many:destinations'],
  },
  {
    what: 'a budget whose Redis is gone',
    call: { ...customers, path: '/limited/x' },
    options: { config },
    environment: { REDIS: 'redis://127.0.0.1:1' },
    shows: ['503 SERVICE_UNAVAILABLE', 'budget_unknown'],
  },
];

const answerSchema = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).min(1),
});

describe('docs/troubleshooting.md names what somebody sees and what stands in the log, when there is', () => {
  it.each(symptoms)('$what', async ({ call, fault, environment, options, times = 1, shows }) => {
    fault?.();
    const fresh = { ...call, token: freshly(call.token) };
    const gateway = await gatewayFor(environment, options);
    for (let before = 1; before < times; before += 1) await send(gateway, fresh);
    const response = await send(gateway, fresh);
    const { errors } = answerSchema.parse(await response.json());
    const id = response.headers.get('x-request-id');
    const { reason } = await gateway.logged(({ msg, requestId }) => msg === 'request' && requestId === id);
    const [error] = errors;

    expect([`${response.status} ${error?.extensions.code}`, reason]).toEqual([shows[0], shows[1]]);
    expect(page).toContain(`\`${shows[0]}\``);
    if (shows[1] !== undefined) expect(page).toContain(`\`${shows[1]}\``);
  });
});

let count = 0;
function freshly(token = ''): string {
  const user = directus.users.get(token);
  if (user === undefined) return token;
  count += 1;
  directus.users.set(`${token}${count}`, user);
  return `${token}${count}`;
}

async function gatewayFor(more: Record<string, string> = {}, options?: GatewayOptions): Promise<RunningGateway> {
  if (Object.keys(more).length === 0 && options === undefined) return world.gateway;
  return stopLater(await startGateway({ ...world.environment, ...more }, options));
}

function send({ url }: RunningGateway, { path, token = '', headers = {}, ...body }: Call): Promise<Response> {
  const type = 'form' in body ? 'application/x-www-form-urlencoded' : 'application/json';
  const all = { ...(token !== '' && as(token)), ...headers };
  const content = 'form' in body ? body.form : 'json' in body ? JSON.stringify(body.json) : undefined;
  if (content === undefined) return fetch(url + path, { headers: all });
  return fetch(url + path, { method: 'POST', headers: { ...all, 'Content-Type': type }, body: content });
}
