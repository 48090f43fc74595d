import { Secret } from '../config/secret.ts';
import type { Declaration, DeclaredCredential, DeclaredRule } from './declaration.ts';
import type { Issue } from './declared-file.ts';
import type { Budget, Credential, DestinationLimit, GoverningRule, RowRule, Rule, Upstream } from './upstream.ts';

/** The upstream that a declaration stands for. */
export function toUpstream(name: string, declaration: Declaration): Upstream {
  const { origin, hosts, credential, rules, resources, limits, body, forbidParameters, ...same } = declaration;
  const origins = [origin, ...Object.values(hosts)];
  return {
    ...same,
    name,
    origin,
    hosts: new Map(Object.entries(hosts)),
    credentials: [credential].flat().map((each) => toCredential(each, origins)),
    rules: rules.flatMap(toRules),
    resources: resources.flatMap(({ methods, path: paths }) => [paths].flat().map((path) => ({ methods, path }))),
    bodyForm: body,
    forbiddenParameters: forbidParameters,
    limits: {
      connectMs: limits.connect,
      firstByteMs: limits.firstByte,
      silenceMs: limits.silence,
      totalMs: limits.total,
      requestBodyBytes: limits.requestBody,
      open: limits.open,
      openPerCaller: limits.openPerCaller,
    },
  };
}

function toCredential(declared: DeclaredCredential, origins: readonly string[]): Credential {
  if ('bearer' in declared) return { kind: 'bearer', token: new Secret(declared.bearer, ...origins) };
  if ('basic' in declared) {
    const { user } = declared.basic;
    const password = 'password' in declared.basic ? declared.basic.password : undefined;
    return {
      kind: 'basic',
      user: new Secret(user, ...origins),
      password: password === undefined ? undefined : new Secret(password, ...origins),
    };
  }
  if ('header' in declared) {
    const { name, scheme, value } = declared.header;
    return { kind: 'header', name, scheme, value: new Secret(value, ...origins) };
  }
  return { kind: 'query', name: declared.query.name, value: new Secret(declared.query.value, ...origins) };
}

/** One rule for each path; they share the budget. */
function toRules({ path: paths, methods, deny, ...declared }: DeclaredRule): Rule[] {
  const id = `${methods?.join(',') ?? 'any'} ${[paths].flat().join(' ')}`;
  return [paths].flat().map((path): Rule => {
    const scope = methods === undefined ? { path } : { methods, path };
    return deny === undefined ? { ...scope, ...governing(declared, id) } : { ...scope, deny };
  });
}

/** Without what is not said: `explain` shows rules as they are. */
function governing(
  declared: Omit<DeclaredRule, 'path' | 'methods' | 'deny'>,
  id: string,
): Omit<GoverningRule, 'path' | 'methods'> {
  const {
    collection = '',
    row,
    defaults,
    body,
    forbidParameters,
    allowValues,
    budget,
    destinations,
    ...same
  } = declared;
  const filled = defaults.flatMap(({ value, ...rest }) => (value === undefined ? [] : [{ ...rest, value }]));
  const said = Object.entries({
    ...same,
    row: row?.field === undefined ? undefined : toRow(row, row.field),
    defaults: filled.length === 0 ? undefined : filled,
    bodyForm: body,
    forbiddenParameters: forbidParameters,
    allowedValues: allowValues === undefined ? undefined : withoutEmpty(allowValues),
    budget: budget === undefined ? undefined : toBudget(budget, id),
    destinations: destinations === undefined ? undefined : toDestinations(destinations, id),
  }).filter(([, value]) => value !== undefined);
  return { collection, ...Object.fromEntries(said) };
}

/** Filled in with nothing, a value is as if it were not written. */
const withoutEmpty = (allowed: NonNullable<DeclaredRule['allowValues']>) =>
  Object.fromEntries(Object.entries(allowed).map(([name, values]) => [name, values.filter((value) => value !== '')]));

const toBudget = ({ points, per: perMs, key }: NonNullable<DeclaredRule['budget']>, id: string): Budget => ({
  id,
  points,
  perMs,
  key,
});

const toDestinations = (
  { parameter, prefixes, points, per, key }: NonNullable<DeclaredRule['destinations']>,
  id: string,
): DestinationLimit => ({
  parameter,
  ...(prefixes !== undefined && { prefixes }),
  ...(points !== undefined && per !== undefined && { count: toBudget({ points, per, key }, id) }),
});

const toRow = ({ collection, from }: NonNullable<DeclaredRule['row']>, field: string): RowRule => ({
  ...(collection !== undefined && { collection }),
  field,
  from,
});

/** Where the members of a declaration do not fit together. */
export const issuesOf = (declaration: Declaration): Issue[] => [
  ...plaintextIssues(declaration),
  ...credentialIssues([declaration.credential].flat()),
  ...declaration.rules.flatMap((rule, index) => ruleIssues(rule, index, declaration)),
];

function plaintextIssues({ origin, hosts, plaintext }: Declaration): Issue[] {
  const all = [
    { path: ['origin'], address: origin },
    ...Object.entries(hosts).map(([name, address]) => ({ path: ['hosts', name], address })),
  ];
  return all
    .filter(({ address }) => address.startsWith('http:') && !isPermitted(address, plaintext))
    .map(({ path }) => ({ path, message: 'must be https: unless "plaintext" permits http: for it' }));
}

const isPermitted = (address: string, plaintext: Declaration['plaintext']): boolean =>
  plaintext === 'network' || (plaintext === 'loopback' && loopback.test(new URL(address).hostname));

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const isOneBearer = (credentials: readonly DeclaredCredential[]): boolean =>
  credentials.length === 1 && credentials.every((credential) => 'bearer' in credential);

/** Two credentials in one place: only one of them would be sent. */
function credentialIssues(credentials: readonly DeclaredCredential[]): Issue[] {
  const places = credentials.map((credential) => {
    if ('query' in credential) return `query ${credential.query.name.toLowerCase()}`;
    return `header ${'header' in credential ? credential.header.name : 'authorization'}`;
  });
  return places.some((place, index) => places.indexOf(place) < index)
    ? [{ path: ['credential'], message: 'stands twice in the same place' }]
    : [];
}

/** Where a rule speaks of what is not there. */
function ruleIssues(rule: DeclaredRule, index: number, { hosts, credential }: Declaration): Issue[] {
  const at = (member: string, message: string): Issue => ({ path: ['rules', index, member], message });
  const { deny, collection, host, row, path: paths } = rule;
  if ((deny === undefined) === (collection === undefined)) {
    return [{ path: ['rules', index], message: 'needs either a collection, whose permissions decide, or a deny' }];
  }
  const isNamed = (name: string) =>
    [paths].flat().every((path) => path.split('/').filter((segment) => segment === `:${name}`).length === 1);
  const inCollections = [...`${collection} ${row?.collection}`.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name);
  const places = row === undefined || row.from === 'each-item' ? [] : row.from;
  const inPath = places.flatMap((place) => ('path' in place ? [place.path] : []));
  return [
    ...inCollections
      .filter((name) => !isNamed(name))
      .map((name) => at('collection', `holds {${name}}, and the path has not one :${name}`)),
    ...inPath
      .filter((name) => !isNamed(name))
      .map((name) => at('row', `names :${name}, which the path has not, or has twice`)),
    ...(host === undefined || host in hosts ? [] : [at('host', 'must be one of "hosts"')]),
    ...destinationIssues(rule.destinations).map((message) => at('destinations', message)),
    ...(rule.operation === undefined || isOneBearer([credential].flat())
      ? []
      : [at('operation', 'needs a bearer credential, and no other')]),
    ...(rule.operation === undefined
      ? []
      : (['destinations', 'allowValues'] as const)
          .filter((member) => rule[member] !== undefined)
          .map((member) => at(member, 'cannot be weighed where the gateway composes the answer'))),
    ...(row?.from === 'each-item' && rule.operation === undefined
      ? [at('row', 'weighs each item, which only an operation can')]
      : []),
  ];
}

function destinationIssues(declared: DeclaredRule['destinations']): string[] {
  if (declared === undefined) return [];
  const { points, per, prefixes } = declared;
  if ((points === undefined) !== (per === undefined)) return ['needs "points" and "per" together'];
  return points === undefined && prefixes === undefined ? ['needs "prefixes", or "points" and "per"'] : [];
}
