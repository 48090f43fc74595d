import { describe, expect, it } from '@jest/globals';
import { createMatchRule } from '../../../src/authorize/match-rule.ts';
import { secretOf, type Upstream } from '../../../src/upstreams/upstream.ts';
import { accountSid, declared, stripeUpstream, switchedOn, twilioUpstream, upstreamOf } from '../settings.ts';

const openai = `upstreams:
  openai:
    origin: https://api.openai.com
    credential: { bearer: "\${OPENAI_API_KEY}" }
    body: json
    rules:
      - { methods: [GET], path: [/v1/models, /v1/models/*], collection: openai_models }
      - { methods: [POST], path: /v1/chat/completions, collection: openai_chats, action: create }
`;
const limits = {
  connectMs: 5_000,
  firstByteMs: 60_000,
  silenceMs: 60_000,
  totalMs: 300_000,
  requestBodyBytes: undefined,
  open: 1_000,
  openPerCaller: 100,
};
const userOf = ({ origin, credentials: [first] }: Upstream) =>
  first?.kind === 'basic' ? first.user.revealFor(origin) : undefined;
const secretFor = (upstream: Upstream): string[] =>
  upstream.credentials.map((credential) => secretOf(credential).revealFor(upstream.origin));
const names = (text: string, variables = {}) => declared(text, variables).upstreams.map(({ name }) => name);

describe('an administrator declares an API in eight lines', () => {
  it('and all that is not said has a default', () => {
    const { credentials, ...upstream } = upstreamOf('openai', openai, { OPENAI_API_KEY: 'canary' });
    expect(credentials).toMatchObject([{ kind: 'bearer' }]);
    expect(upstream).toEqual({
      name: 'openai',
      origin: 'https://api.openai.com',
      hosts: new Map(),
      hostnames: [],
      rules: [
        { methods: ['GET'], path: '/v1/models', collection: 'openai_models' },
        { methods: ['GET'], path: '/v1/models/*', collection: 'openai_models' },
        { methods: ['POST'], path: '/v1/chat/completions', collection: 'openai_chats', action: 'create' },
      ],
      secrets: [],
      resources: [],
      bodyForm: 'json',
      requestHeaders: { allow: [], drop: [], set: {} },
      answerHeaders: { drop: [] },
      audit: { idMember: 'id', requestIdHeader: 'x-request-id' },
      forbiddenParameters: [],
      pageParameters: [],
      list: { marks: [], items: '*', envelope: [] },
      errorMembers: ['error.type', 'error.code', 'error.message', 'error.param', 'code', 'message', 'status'],
      links: [],
      limits,
    });
  });

  it('and its key belongs to its origin alone', () => {
    const upstream = upstreamOf('openai', openai, { OPENAI_API_KEY: 'canary' });
    expect(secretFor(upstream)).toEqual(['canary']);
    expect(() => secretFor({ ...upstream, origin: 'https://evil.example' })).toThrow(/does not belong/);
    expect(JSON.stringify(upstream)).not.toContain('canary');
  });

  it('beside the packaged ones, which stay as they are', () => {
    expect(names(openai, { ...switchedOn, OPENAI_API_KEY: 'x' }).toSorted()).toEqual(['openai', 'stripe', 'twilio']);
  });
});

describe('every member of a declaration reaches the upstream', () => {
  const written = `upstreams:
  api:
    origin: HTTPS://API.example:443/
    hosts: { eu: "https://eu.example", us.example: "\${US:-https://us.example:8443}" }
    hostnames: [api.example.com]
    credential:
      - { basic: { user: "\${USER}", password: "\${KEY}" } }
      - { header: { name: X-Api-Key, scheme: Token, value: "\${KEY}" } }
      - { query: { name: key, value: "\${KEY}" } }
    requestHeaders: { allow: [X-Extra], drop: [User-Agent], set: { X-Version: "\${V:-2}" } }
    answerHeaders: { drop: [X-Account] }
    audit: { idMember: data.id, requestIdHeader: X-Trace }
    idempotencyHeader: Idempotency-Key
    forbidParameters: [test]
    limits: { firstByte: 1.5s, requestBody: 2mb }
    links: [next]
    list: { marks: [{ member: kind, values: [list] }], items: data, envelope: [kind] }
    pageParameters: [page]
    expandParameter: with
    errorMembers: [detail]
    secrets: [{ methods: [POST], path: /keys, members: [key] }]
    resources: [{ methods: [GET, POST], path: [/keys, /keys/:id] }]
    probe: /me?x=$$1
    rules:
      - path: /:kind/:id
        collection: "api_{kind}"
        row: { collection: "{kind}", field: remote, from: [{ path: id }, { query: q }, { body: b }] }
        defaults: [{ parameter: a, value: "\${A:-1}", unless: [b] }, { parameter: none, value: "\${N:-}", unless: [] }]
        writeBack: "\${N:-}"
        host: eu
        body: form-flat
        forbidParameters: [debug]
        links: [more]
        public: true
        optional: true
      - { path: /x, collection: c, row: { field: "\${N:-}", from: [{ query: q }] }, defaults: [] }
`;
  const api = upstreamOf('api', written, { USER: 'somebody', KEY: 'canary' });

  it('in its own words', () => {
    const { credentials: _credentials, rules: _rules, name: _name, bodyForm: _bodyForm, ...rest } = api;
    expect(rest).toEqual({
      origin: 'https://api.example',
      hosts: new Map([
        ['eu', 'https://eu.example'],
        ['us.example', 'https://us.example:8443'],
      ]),
      hostnames: ['api.example.com'],
      requestHeaders: { allow: ['x-extra'], drop: ['user-agent'], set: { 'x-version': '2' } },
      answerHeaders: { drop: ['x-account'] },
      audit: { idMember: 'data.id', requestIdHeader: 'x-trace' },
      idempotencyHeader: 'idempotency-key',
      forbiddenParameters: ['test'],
      limits: { ...limits, firstByteMs: 1_500, requestBodyBytes: 2_097_152 },
      links: ['next'],
      list: { marks: [{ member: 'kind', values: ['list'] }], items: 'data', envelope: ['kind'] },
      pageParameters: ['page'],
      expandParameter: 'with',
      errorMembers: ['detail'],
      secrets: [{ methods: ['POST'], path: '/keys', members: ['key'] }],
      resources: [
        { methods: ['GET', 'POST'], path: '/keys' },
        { methods: ['GET', 'POST'], path: '/keys/:id' },
      ],
      probe: '/me?x=$1',
    });
  });

  it('of its rules, without what is filled in with nothing', () => {
    expect(api.rules).toEqual([
      {
        path: '/:kind/:id',
        collection: 'api_{kind}',
        row: { collection: '{kind}', field: 'remote', from: [{ path: 'id' }, { query: 'q' }, { body: 'b' }] },
        defaults: [{ parameter: 'a', value: '1', unless: ['b'] }],
        host: 'eu',
        bodyForm: 'form-flat',
        forbiddenParameters: ['debug'],
        links: ['more'],
        public: true,
        optional: true,
      },
      { path: '/x', collection: 'c' },
    ]);
  });

  it('and its credentials are for each of its hosts', () => {
    expect(api.credentials).toMatchObject([
      { kind: 'basic' },
      { kind: 'header', name: 'x-api-key', scheme: 'Token' },
      { kind: 'query', name: 'key' },
    ]);
    for (const origin of [api.origin, ...api.hosts.values()]) {
      expect(secretFor({ ...api, origin })).toEqual(['canary', 'canary', 'canary']);
    }
  });

  it.each([
    ['5000', 5_000],
    ['"5000"', 5_000],
    ['2m', 120_000],
    ['"${T:-3s}"', 3_000],
  ])('a time may be written as %s', (written_, firstByteMs) => {
    const text = `upstreams: { a: { origin: "https://a.example", rules: [], limits: { firstByte: ${written_} } } }`;
    expect(upstreamOf('a', text, {}).limits).toEqual({ ...limits, firstByteMs });
  });
});

describe('an upstream without its secret is off, and the administrator reads why', () => {
  const off: [string, string, string][] = [
    ['{ bearer: "${ONE:-}" }', 'no ONE', 'a variable that is not set'],
    ['{ bearer: "${ONE:-${TWO:-}}" }', 'no ONE or TWO', 'nor what would replace it'],
    ['[{ bearer: "${KEY:-}" }, { query: { name: k, value: "${ONE:-}" } }]', 'no ONE', 'one of several'],
    ['{ basic: { user: "${ONE:-}", password: "${KEY}" } }', 'no ONE', 'the name that goes with it'],
  ];
  it.each(off)('%s: %s (%s)', (credential, reason) => {
    const text = `upstreams: { a: { origin: "https://a.example", rules: [], credential: ${credential} } }`;
    const { upstreams, off: notUsed, faults } = declared(text, { ...switchedOn, KEY: 'canary' });
    expect([upstreams.map(({ name }) => name).toSorted(), notUsed, faults]).toEqual([
      ['stripe', 'twilio'],
      [{ name: 'a', reason }],
      [],
    ]);
  });

  it('as the packaged ones are without their keys', () => {
    expect(declared(undefined)).toMatchObject({
      upstreams: [],
      off: [
        { name: 'stripe', reason: 'no STRIPE_LIVE_SECRET_KEY' },
        { name: 'twilio', reason: 'no TWILIO_ACCOUNT_SID' },
      ],
      faults: [],
    });
  });

  it('and one that has no credential at all is on', () => {
    expect(names('upstreams: { a: { origin: "https://a.example", rules: [] } }')).toEqual(['a']);
  });
});

describe('an administrator builds on what is packaged', () => {
  const file = (more: string) => `upstreams:\n  ${more}`;
  const ruleOf = (upstream: Upstream, path: string) => createMatchRule(upstream)('GET', path);

  it('with rules of their own before its rules', () => {
    const own = '{ path: /v1/refunds, collection: refunds }, { path: /v1/customers, deny: closed }';
    const stripe = upstreamOf('stripe', file(`stripe: { rules: [${own}] }`), switchedOn);
    expect(stripe.rules).toHaveLength(stripeUpstream.rules.length + 2);
    expect(ruleOf(stripe, '/v1/refunds')).toEqual({ path: '/v1/refunds', collection: 'refunds' });
    expect(ruleOf(stripe, '/v1/customers')).toEqual({ path: '/v1/customers', deny: 'closed' });
    expect(ruleOf(stripe, '/v1/customers/cus_1')).toEqual(ruleOf(stripeUpstream, '/v1/customers/cus_1'));
    expect(ruleOf(stripeUpstream, '/v1/customers')).toMatchObject({ collection: 'customers' });
  });

  it('with other members instead of its members', () => {
    const text = file('stripe: { limits: { requestBody: 1kb }, requestHeaders: { allow: [X-Extra] } }');
    const { credentials: _own, ...stripe } = upstreamOf('stripe', text, switchedOn);
    const { credentials: _packaged, ...packaged } = stripeUpstream;
    expect(stripe).toEqual({
      ...packaged,
      limits: { ...limits, requestBodyBytes: 1_024 },
      requestHeaders: { allow: ['x-extra'], drop: [], set: {} },
    });
  });

  it('but never without its secrets', () => {
    expect(stripeUpstream.secrets.length).toBeGreaterThan(0);
    const { secrets } = upstreamOf('stripe', file('stripe: { secrets: [{ path: /v1/own }] }'), switchedOn);
    expect(secrets).toEqual([{ path: '/v1/own', members: [] }, ...stripeUpstream.secrets]);
    expect(upstreamOf('stripe', file('stripe: { secrets: [] }'), switchedOn).secrets).toEqual(stripeUpstream.secrets);
  });

  it('and adds what the packaged one does not know it to have', () => {
    expect(stripeUpstream.resources.length).toBeGreaterThan(0);
    const text = file('stripe: { resources: [{ methods: [GET], path: /v1/own }] }');
    expect(upstreamOf('stripe', text, switchedOn).resources).toEqual([
      { methods: ['GET'], path: '/v1/own' },
      ...stripeUpstream.resources,
    ]);
  });

  it('under another name, as a second account', () => {
    const text = file('stripe_eu: { extends: stripe, credential: { bearer: "${EU_KEY:-}" }, hostnames: [eu.example] }');
    const { upstreams, faults } = declared(text, { ...switchedOn, EU_KEY: 'sk_test_second' });
    expect([upstreams.map(({ name }) => name).toSorted(), faults]).toEqual([['stripe', 'stripe_eu', 'twilio'], []]);
    const second = upstreamOf('stripe_eu', text, { ...switchedOn, EU_KEY: 'sk_test_second' });
    expect(second.rules).toEqual(stripeUpstream.rules);
    expect([secretFor(second), secretFor(stripeUpstream)]).toEqual([['sk_test_second'], ['sk_test_canary']]);
    expect(declared(text, switchedOn).off).toEqual([{ name: 'stripe_eu', reason: 'no EU_KEY' }]);
  });

  it('or not at all, under its name', () => {
    const text = file('stripe: { extends: none, origin: "https://x.example", rules: [{ path: /a, collection: c }] }');
    const stripe = upstreamOf('stripe', text, switchedOn);
    expect([stripe.rules, stripe.credentials, stripe.secrets]).toEqual([[{ path: '/a', collection: 'c' }], [], []]);
  });

  it('and is told of a fault in what is packaged by its place there', () => {
    const { faults } = declared(undefined, { ...switchedOn, STRIPE_CUSTOMERS_COLLECTION: undefined });
    expect(new Set(faults.map(({ problem }) => problem.replace(/^\S+ /, '')))).toEqual(
      new Set(['needs STRIPE_CUSTOMERS_COLLECTION, which is not set']),
    );
    for (const { name } of faults) expect(name).toMatch(/^packaged stripe\.yaml:\d+:\d+$/);
    const own = declared(file('stripe: { rules: [{ path: /a, deny: off }, { path: b, deny: off }] }'), {
      ...switchedOn,
      STRIPE_CUSTOMERS_COLLECTION: undefined,
    }).faults.map(({ name, problem }) => `${name} ${problem.split(' ', 1)[0]}`);
    expect(own).toContain('gateway.yaml:2:54 upstreams.stripe.rules.1.path');
    expect(own.filter((line) => line.startsWith('packaged'))).toHaveLength(faults.length);
  });

  it('which are set up by their variables', () => {
    expect([stripeUpstream.origin, twilioUpstream.origin]).toEqual([
      'https://api.stripe.com',
      'https://api.twilio.com',
    ]);
    const stand = {
      ...switchedOn,
      STRIPE_API_URL: 'http://stand-in:1',
      TWILIO_API_KEY_SID: 'SK1',
      TWILIO_API_KEY_SECRET: 'x',
    };
    expect(upstreamOf('stripe', undefined, stand).origin).toBe('http://stand-in:1');
    expect(userOf(upstreamOf('twilio', undefined, stand))).toBe('SK1');
    expect(userOf(twilioUpstream)).toBe(accountSid);
    expect(secretFor(upstreamOf('twilio', undefined, stand))).toEqual(['x']);
  });
});
