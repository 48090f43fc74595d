import { afterEach, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import supertest from 'supertest';
import { startGateway } from '../world/start-gateway.ts';
import { useStops } from '../world/use-stops.ts';
import { as, useWorld } from '../world/use-world.ts';
import { accountSid, phoneNumber, secrets, tokens } from '../world/world.ts';

const stopLater = useStops();
const world = await useWorld();
const { directus } = world;
const caller = supertest(world.gateway.url);
const route = '/server/specs/oas';
const validator = new Validator();

const writer = 'canaryTokenSpecsWriter';
directus.users.set(writer, {
  id: 'user-writer',
  permissions: {
    customers: { create: { access: 'full', fields: ['email', 'metadata.color'], presets: { email: 'a@example.com' } } },
    messages: { create: { access: 'full', fields: ['To', 'From', 'Body'] } },
  },
});

const verbs = ['get', 'head', 'post', 'put', 'patch', 'delete'];

type Operation = { requestBody?: { $ref: string }; description?: string };
type Item = Record<string, Operation>;

const specOf = async (token: string) => (await caller.get(route).set(as(token))).body;
const itemsOf = (document: { paths: object }): [string, Item][] => Object.entries(document.paths);
const operationsOf = (document: { paths: object }) =>
  itemsOf(document).flatMap(([path, item]) =>
    verbs.flatMap((method) => (item[method] === undefined ? [] : [`${method} ${path}`])),
  );

/** Whatever is described, nothing is done. */
const nothingSent = () => expect(world.stripe.wire.received() + world.twilio.wire.received()).toBe('');

describe('a caller reads what they may do, in a document of OpenAPI 3.1', () => {
  afterEach(nothingSent);

  it.each(['admin', 'reader', 'creator', 'partial', 'fields', 'presets', 'nobody'] as const)('%s', async (name) => {
    const answer = await caller.get(route).set(as(tokens[name]));
    const { valid, errors } = await validator.validate(structuredClone(answer.body));

    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'private, no-store']);
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    expect(answer.text).not.toMatch(new RegExp(Object.values(secrets).join('|')));
  });

  it('all that the rules let somebody do, where every permission is theirs', async () => {
    const described = operationsOf(await specOf(tokens.admin));

    expect(described).toEqual(
      expect.arrayContaining([
        'get /stripe/payments',
        'post /stripe/customers',
        'delete /stripe/v1/customers/{customer_id}',
        'get /stripe/v1/customers/{customer_id}/tax_ids/{id}',
        `post /twilio/2010-04-01/Accounts/${accountSid}/Messages.json`,
        'post /twilio/verify.twilio.com/v2/Services/{service}/Verifications',
      ]),
    );
    expect(described.join()).not.toMatch(/refunds|payouts|Keys|webhook_endpoints/);
  });

  it('and nothing that the API does not have', async () => {
    const document = await specOf(tokens.admin);
    const ofStripe = operationsOf(document).filter((each) => each.includes(' /stripe/v1/'));

    expect(ofStripe.length).toBeGreaterThan(30);
    expect(ofStripe.filter((each) => /^(put|patch) /.test(each))).toEqual([]);
    expect(document.paths['/stripe/v1/customers']['x-gateway-methods']).toEqual({ read: ['GET'], create: ['POST'] });
    expect(document.paths['/stripe/v1/customers/search']['x-gateway-methods']).toEqual({ read: ['GET'] });
  });

  it('reading only, where they may read', async () => {
    const methods = new Set(operationsOf(await specOf(tokens.reader)).map((each) => each.split(' ')[0]));

    expect([...methods].toSorted()).toEqual(['get', 'head']);
  });

  it('parameters to the field', async () => {
    const { components, paths } = await specOf(writer);
    const schemaOf = (path: string) =>
      components.requestBodies[paths[path].post.requestBody.$ref.split('/').at(-1)].content['application/json'].schema;

    expect(schemaOf('/stripe/v1/customers')).toEqual({
      type: 'object',
      properties: {
        email: { default: 'a@example.com' },
        metadata: { type: 'object', properties: { color: {} }, additionalProperties: false },
        expand: { type: 'array', items: { type: 'string', enum: ['metadata', 'data.metadata'] } },
      },
      additionalProperties: false,
    });
    expect(schemaOf(`/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`).properties).toEqual({
      To: {},
      From: { type: 'string', enum: [phoneNumber] },
      Body: {},
    });
  });

  it('nothing, where nothing is granted', async () => {
    expect(operationsOf(await specOf(tokens.nobody))).toEqual([]);
  });

  it('and what a refusal looks like: the example of 403 is one that its description speaks of', async () => {
    const { responses } = (await specOf(tokens.reader)).components;
    const { message, extensions } =
      responses[403].content['application/json'].schema.properties.errors.items.properties;

    expect([message.examples[0], extensions.properties.code.examples]).toEqual([
      "You don't have permission to access this.",
      ['FORBIDDEN', 'INVALID_TOKEN'],
    ]);
    expect(responses[401].description).toMatch(/^No good token: /);
  });

  it('at the address that they have used, and in the places where a token may be', async () => {
    const { servers, security, components } = await specOf(tokens.reader);

    expect(servers).toEqual([{ url: world.gateway.url }]);
    expect(security.flatMap(Object.keys)).toEqual(Object.keys(components.securitySchemes));
    expect(components.securitySchemes.session).toMatchObject({ in: 'cookie', name: 'directus_session_token' });
  });

  it('anew, when Directus says something else of them', async () => {
    const token = 'canaryTokenSpecsChanging';
    const fresh = await stopLater(await startGateway({ ...world.environment, PERMISSIONS_TTL: '0' }));
    const ask = async () => operationsOf((await supertest(fresh.url).get(route).set(as(token))).body).length;
    directus.users.set(token, {
      id: 'user-changing',
      permissions: { customers: { read: { access: 'full', fields: ['*'] } } },
    });
    const before = [await ask(), await ask()];
    directus.users.set(token, { id: 'user-changing', permissions: {} });

    expect([before[0], before[1], await ask()]).toEqual([before[0], before[0], 0]);
    expect(before[0]).toBeGreaterThan(10);
  });

  it('at each address that they use, the address itself', async () => {
    const servers = async (host: string) =>
      (await caller.get(route).set({ ...as(tokens.reader), Host: host })).body.servers;

    expect([await servers('one.example'), await servers('two.example')]).toEqual([
      [{ url: 'http://one.example' }],
      [{ url: 'http://two.example' }],
    ]);
  });

  it('with the token in the query, too', async () => {
    const { body } = await caller.get(`/gateway/specs/oas?access_token=${tokens.reader}`);

    expect(operationsOf(body)).toEqual(operationsOf(await specOf(tokens.reader)));
  });
});

describe('a caller who is not known', () => {
  it('is refused with 401 where they show a token, as everywhere', async () => {
    const answer = await caller.get(route).set(as('canaryTokenUnknown'));

    expect([answer.status, answer.headers['www-authenticate'], answer.body.paths]).toEqual([401, 'Bearer', undefined]);
  });

  it('is told 503 while Directus does not answer', async () => {
    directus.answerWith((_request, response) => response.writeHead(500).end());

    expect((await caller.get(route).set(as('canaryTokenAnother'))).status).toBe(503);
  });

  it('sees nothing without a token where no rule is public, and Directus is not asked', async () => {
    const answer = await caller.get(route);

    expect([answer.status, answer.body.paths, directus.asked]).toEqual([200, {}, []]);
  });

  it('sees what Directus grants to the public where a rule is', async () => {
    const config = `
      upstreams:
        shop:
          origin: ${world.stripe.origin}
          plaintext: loopback
          credential: { bearer: "\${STRIPE_LIVE_SECRET_KEY}" }
          rules:
            - { path: /open, collection: products, public: true }
            - { path: /closed, collection: products }
    `;
    const environment = { ...world.environment, DIRECTUS_TOKEN: directus.service.token };
    const shop = await stopLater(await startGateway(environment, { config }));
    const permissions = [{ collection: 'products', action: 'read', fields: ['*'] }];
    directus.service.publicPolicies.set('11111111-1111-4111-8111-111111111111', { ip_access: [], permissions });
    const { body } = await supertest(shop.url).get(route);

    expect([operationsOf(body), body.security]).toEqual([['get /shop/open', 'head /shop/open'], []]);
  });
});

it('a caller may ask as often as the rate allows, and no more', async () => {
  const environment = {
    ...world.environment,
    RATE_LIMITER_ENABLED: 'true',
    RATE_LIMITER_POINTS: '2',
    RATE_LIMITER_DURATION: '60',
  };
  const limited = supertest((await stopLater(await startGateway(environment))).url);
  const ask = async () => (await limited.get(route).set(as(tokens.reader))).status;

  expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
});

it('behind the front door /server/specs/oas is Directus’ own, and the gateway’s is beside it', async () => {
  const front = await stopLater(await startGateway({ ...world.environment, FRONT_DOOR: 'true' }));
  directus.answerWith((request, response) =>
    request.url === route
      ? response.setHeader('Content-Type', 'application/json').end('{"openapi":"3.0.1"}')
      : directus.answerAsDirectus(request, response),
  );
  const ask = async (path: string) => (await supertest(front.url).get(path).set(as(tokens.reader))).body.openapi;

  expect([await ask(route), await ask('/gateway/specs/oas')]).toEqual(['3.0.1', '3.1.1']);
});

describe('what is described is what happens', () => {
  const config = `
    upstreams:
      shop:
        origin: ${world.stripe.origin}
        plaintext: loopback
        rules:
          - { methods: [DELETE], path: /goods/*, deny: kept }
          - { path: /goods/:id, collection: customers }
          - { methods: [GET, POST], path: /orders, collection: customers }
          - { methods: [PUT, PATCH], path: /orders/:id, collection: customers, action: delete }
          - { methods: [HEAD], path: /orders/*, collection: customers }
  `;
  const ask = async (token: string, each: string, of = world.gateway.url) => {
    const [verb = '', path = ''] = each.split(' ');
    const method = verb.toUpperCase();
    const body = method === 'GET' || method === 'HEAD' ? undefined : '{"email":"a@example.com"}';
    const answer = await fetch(of + path.replaceAll(/\{\w+\}/g, 'zz9'), {
      method,
      headers: { ...as(token), ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const seen = () => [...world.stripe.seen, ...world.twilio.seen].length;
  /** Streamed through, each as one request. */
  const isStreamed = (each: string) => !/ \/stripe\/(payments|customers)/.test(each);

  it('an admin is let through at every described operation of Stripe and Twilio', async () => {
    const described = operationsOf(await specOf(tokens.admin)).filter(isStreamed);
    const unlike: string[] = [];
    for (const each of described) {
      const before = seen();
      const status = await ask(tokens.admin, each);
      if (status !== 200 || seen() !== before + 1) unlike.push(`${each}: ${status}`);
    }

    expect(described.length).toBeGreaterThan(300);
    expect(unlike).toEqual([]);
  });

  it('with another method of such a path they are refused, or passed on by a rule that leaves methods open, as explain says', async () => {
    const document = await specOf(tokens.admin);
    const described = operationsOf(document);
    const others = itemsOf(document)
      .flatMap(([path]) => verbs.map((verb) => `${verb} ${path}`))
      .filter((each) => isStreamed(each) && !described.includes(each));
    const verdicts = new Set<string>();
    const unlike: string[] = [];
    for (const each of others.filter((_each, index) => index % 5 === 0)) {
      const [verb = '', path = ''] = each.split(' ');
      const query = new URLSearchParams({ method: verb.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'zz9') });
      const { verdict } = (await caller.get(`/gateway/explain?${query}`).set(as(tokens.admin))).body.data;
      const before = seen();
      const status = await ask(tokens.admin, each);
      const isAllowed = verdict === 'allowed';
      if (status !== (isAllowed ? 200 : 403) || seen() !== before + Number(isAllowed))
        unlike.push(`${each}: ${status}`);
      verdicts.add(verdict);
    }

    expect(unlike).toEqual([]);
    expect([...verdicts].toSorted()).toEqual(['allowed', 'refused']);
  });

  it('of an API whose paths are not listed, an admin is let through at every described operation, and at no other', async () => {
    const shop = await stopLater(await startGateway(world.environment, { config }));
    const document = (await supertest(shop.url).get(route).set(as(tokens.admin))).body;
    const ofShop = itemsOf(document).filter(([path]) => path.startsWith('/shop/'));
    const through: string[] = [];
    for (const each of ofShop.flatMap(([path]) => verbs.map((verb) => `${verb} ${path}`))) {
      const before = seen();
      const status = await ask(tokens.admin, each, shop.url);
      if (seen() === before + 1) through.push(each);
      expect([each, status]).toEqual([each, seen() === before + 1 ? 200 : 403]);
    }

    expect(ofShop.map(([path]) => path)).toEqual(['/shop/goods/{id}', '/shop/orders', '/shop/orders/{id}']);
    expect(through).toEqual(operationsOf(document).filter((each) => each.includes(' /shop/')));
  });

  it('a reader is refused at what is described to an admin and not to them', async () => {
    const theirs = new Set(operationsOf(await specOf(tokens.reader)));
    const others = operationsOf(await specOf(tokens.admin)).filter((each) => !theirs.has(each));
    const statuses = new Set<number>();
    for (const each of others) statuses.add(await ask(tokens.reader, each));

    expect(others.length).toBeGreaterThan(100);
    expect([...statuses]).toEqual([403]);
    nothingSent();
  });
});
