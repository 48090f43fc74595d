import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { authorize } from '../../../src/authorize/authorize.ts';
import { createMatchRule, type MatchRule } from '../../../src/authorize/match-rule.ts';
import type { Permission, Permissions } from '../../../src/directus/accountability.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { isPossible } from '../../../src/specs/composed.ts';
import { type Method, methods, type Rule, type Upstream } from '../../../src/upstreams/upstream.ts';
import { accountSid, stripeUpstream, switchedOn, twilioUpstream, upstreamOf } from '../settings.ts';
import { publicCalls } from '../upstreams/packaged.ts';
import { callerWith, describedFor, operationsIn } from './describing.ts';

const declaration = `
  upstreams:
    api:
      origin: https://api.example
      credential: { bearer: "\${KEY}" }
      rules: []`;
const plain = upstreamOf('api', declaration, { KEY: 'canary' });
const withRows = upstreamOf('stripe', undefined, { ...switchedOn, STRIPE_CUSTOMER_ID_FIELD: 'stripe_id' });

const word = fc.constantFrom('a', 'b', 'Cc', 'd%20e', 'sample');
const segment = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 1, arbitrary: fc.constantFrom('a.*', 'b.*', '.*') },
  { weight: 3, arbitrary: fc.constantFrom(':id', ':of', ':segment') },
);
const pattern = fc
  .tuple(
    fc.array(segment, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '', '/*'),
    fc.constantFrom('', '', '', '/'),
  )
  .map(([segments, star, slash]) => `/${segments.join('/')}${star}${slash}`);
const someMethods = fc.constantFrom<Method[] | undefined>(undefined, undefined, ['GET'], ['POST', 'PUT'], ['DELETE']);

const collections = ['c', 'd', 'of_a', 'of_b', 'of_other'];
const rule = fc
  .record({
    path: pattern,
    methods: someMethods,
    kind: fc.constantFrom('c', 'd', 'of_{id}', 'deny'),
    row: fc.boolean(),
  })
  .map(({ path, methods: of, kind, row }): Rule => {
    const scope = of === undefined ? { path } : { path, methods: of };
    if (kind === 'deny') return { ...scope, deny: 'off' };
    const collection = kind === 'of_{id}' && path.split('/').filter((each) => each === ':id').length !== 1 ? 'c' : kind;
    return { ...scope, collection, ...(row && { row: { field: 'f', from: [{ query: 'q' }] } }) };
  });
const secret = fc.record({ path: pattern.filter((path) => !/\*\/?$/.test(path)), methods: someMethods });
const upstream = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
    secrets: fc.array(secret, { maxLength: 2 }),
  })
  .map(
    ({ rules, secrets }): Upstream => ({
      ...plain,
      rules,
      secrets: secrets.map((each) => ({ ...each, members: [] })),
    }),
  );

const resource = fc.record({
  path: pattern.filter((path) => !/\*\/?$/.test(path)),
  methods: fc.constantFrom<Method[]>(['GET'], ['GET', 'POST'], ['PUT', 'DELETE']),
});
const someResources = fc.array(resource, { maxLength: 5 });

const fields = fc.constantFrom(['*'], ['email', 'name'], ['To', 'Body', 'From'], ['a.b', 'a.c.d', 'e.*'], []);
const presets = fc.constantFrom(null, {}, { name: 'x' }, { a: { b: 1, z: 2 } });
const permission: fc.Arbitrary<Permission | undefined> = fc.option(
  fc.record({ access: fc.constantFrom('none', 'partial', 'full', 'full'), fields, presets }),
  { nil: undefined },
);
const granted = fc.record({ create: permission, read: permission, update: permission, delete: permission });
const permissionsOn = (names: readonly string[]): fc.Arbitrary<Permissions> =>
  fc
    .tuple(...names.map((name) => granted.map((each) => [name, each] as const)))
    .map((entries) => new Map(entries.map(([name, each]) => [name, each])));

/** At files.stripe.com, which the API's own description leaves out. */
const notInDescriptions = [
  { method: 'GET', path: '/v1/files/zz9/contents' },
  { method: 'GET', path: '/links/zz9' },
] as const;

const packagedCollections = (of: Upstream): string[] => [
  ...new Set(of.rules.flatMap((each) => ('collection' in each ? [each.collection] : []))),
];

/** The real decision: the rule and collection by which a request is let in. */
function decided(matchRule: MatchRule, permissions: Permissions, method: Method, path: string) {
  const found = matchRule(method, path);
  try {
    const grant = authorize(callerWith(permissions), found, method, path);
    return isPossible(grant) ? { pattern: grant.rule.path, collection: grant.collection } : undefined;
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

/** A value for each parameter that nothing in any table is named like. */
const filled = (path: string) => path.replaceAll(/\{\w+\}/g, 'zz9');

function requireTrue(of: Upstream, permissions: Permissions): number {
  const matchRule = createMatchRule(of);
  const described = operationsIn(describedFor([of], permissions));
  const real = described.map(({ method, path }) => {
    const below = filled(path).slice(1 + of.name.length);
    const grant = authorize(callerWith(permissions), matchRule(method, below), method, below);
    return [method, path, grant.rule.path, grant.collection, grant.action];
  });
  expect(
    described.map(({ method, path, operation }) => [
      method,
      path,
      operation['x-gateway-rule'],
      operation['x-directus-collection'],
      operation['x-directus-action'],
    ]),
  ).toEqual(real);
  return described.length;
}

/** Whether a path is one of those that the operation is about. */
function isAbout(template: string, isOpen: boolean, path: string): boolean {
  if (template.endsWith('/') !== path.endsWith('/')) return false;
  const [expected, actual] = [template, path].map((each) => each.replace(/\/$/, '').split('/'));
  if (expected === undefined || actual === undefined) return false;
  if (isOpen ? actual.length < expected.length : actual.length !== expected.length) return false;
  return expected.every((each, index) => {
    const [before = '', after] = each.split('{');
    return after === undefined ? actual[index] === each : actual[index]?.startsWith(before);
  });
}

const pathBy = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'b', 'other', 'zz9', 'sample', 'a.json'), { minLength: 12, maxLength: 12 })
    .map((words) => {
      const left = words.values();
      const segments = text.slice(1).split('/');
      return `/${segments.flatMap((each) => segmentsBy(each, () => left.next().value ?? 'a')).join('/')}`;
    });

function segmentsBy(text: string, next: () => string): string[] {
  if (text === '*') return next() > 'm' ? [next()] : [next(), next()];
  if (text.startsWith(':')) return [next()];
  if (!text.endsWith('.*')) return [text];
  const name = text.slice(0, -2);
  return name === '' || next() > 'm' ? [`${name}.json`] : [name];
}

const asked = upstream.chain((of) =>
  fc.record({
    of: fc.constant(of),
    permissions: permissionsOn(collections),
    method: fc.constantFrom(...methods),
    path: fc.oneof(...of.rules.map(({ path }) => pathBy(path))),
  }),
);

describe('a caller is told the truth', () => {
  it('what is described is decided so, by that rule and collection', () => {
    let count = 0;
    fc.assert(
      fc.property(upstream, someResources, permissionsOn(collections), (of, resources, permissions) => {
        count += requireTrue({ ...of, resources }, permissions);
      }),
      { numRuns: 400 },
    );
    expect(count).toBeGreaterThan(400);
  });

  it('and all that is allowed is described', () => {
    let count = 0;
    fc.assert(
      fc.property(asked, ({ of, permissions, method, path }) => {
        const real = decided(createMatchRule(of), permissions, method, path);
        if (real === undefined) return;
        count += 1;
        const about = operationsIn(describedFor([of], permissions)).filter(
          (each) =>
            each.method === method &&
            isAbout(each.path, each.operation.description?.includes('may be several') ?? false, `/api${path}`),
        );
        const told = about.map(({ operation }) => ({
          pattern: operation['x-gateway-rule'],
          collection: operation['x-directus-collection'],
        }));
        expect(told).toContainEqual(real);
      }),
      { numRuns: 2_000 },
    );
    expect(count).toBeGreaterThan(100);
  });

  it.each([
    ['stripe', stripeUpstream],
    ['stripe with item rules', withRows],
    ['twilio', twilioUpstream],
  ])(
    'of %s, as it is packaged: each call that the API has and they may use, what the gateway composes, and no more',
    (_name, of) => {
      const calls = publicCalls(of.name, { account: accountSid, id: 'zz9' });
      const known = [...calls, ...notInDescriptions].map(({ method, path }) => ({ method, path }));
      const composed = of.rules.flatMap(({ path, methods: by = methods, ...each }) =>
        'operation' in each ? by.map((method) => ({ method, path: path.replaceAll(/:\w+/g, 'zz9') })) : [],
      );
      const matchRule = createMatchRule(of);
      for (const permissions of fc.sample(permissionsOn(packagedCollections(of)), { numRuns: 3, seed: 5 })) {
        requireTrue(of, permissions);
        const told = operationsIn(describedFor([of], permissions)).map(({ method, path }) => method + filled(path));
        const real = [...known, ...composed].flatMap(({ method, path }) =>
          decided(matchRule, permissions, method, path) === undefined ? [] : [`${method}/${of.name}${path}`],
        );
        expect(told.toSorted()).toEqual(real.toSorted());
        expect(told.length).toBeGreaterThan(10);
      }
    },
  );

  it('in a document that is OpenAPI 3.1, whatever the permissions', async () => {
    const validator = new Validator();
    for (const [of, permissions] of fc.sample(fc.tuple(upstream, permissionsOn(collections)), {
      numRuns: 15,
      seed: 3,
    })) {
      const document = describedFor([of, stripeUpstream, twilioUpstream], permissions);
      const { valid, errors } = await validator.validate(structuredClone({ ...document }));
      expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
      const ids = operationsIn(document).map(({ operation }) => operation.operationId);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});
