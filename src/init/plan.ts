import { auditFields } from '../audit/audit-item.ts';
import { ownPolicies, policyFor, servicePolicyName } from './policies.ts';
import type { NewField, Step } from './step.ts';
import { plainIcon, type WantedCollection } from './wanted.ts';

/** What is in Directus, as far as a plan depends on it. */
export type Existing = {
  /** Undefined where Directus does not tell it. */
  readonly version: string | undefined;
  /** Directus 11 and later. */
  readonly hasPolicies: boolean;
  /** Collections and folders with the names of their fields. */
  readonly collections: ReadonlyMap<
    string,
    { readonly isFolder: boolean; readonly fields: readonly string[]; readonly keyType?: string | undefined }
  >;
  readonly policies: ReadonlyMap<string, ExistingPolicy>;
};

export type ExistingPolicy = {
  readonly id: string;
  /** Collections that it reads. */
  readonly reads: readonly string[];
  /** Collections in which it creates items. */
  readonly creates: readonly string[];
  readonly users: number;
};

export type Wishes = {
  readonly collections: readonly WantedCollection[];
  readonly upstreams: readonly string[];
  /** Optional collections that are wanted, or all of them. */
  readonly with: readonly string[] | 'all';
  readonly serviceUser: boolean;
  /** AUDIT_COLLECTION */
  readonly audit?: string | undefined;
};

export type Plan = {
  /** What is there and stays as it is, such as `collection customers`. */
  readonly exists: readonly string[];
  readonly create: readonly Step[];
  /** Optional collections that are neither there nor asked for. */
  readonly available: readonly string[];
};

export const folderName = 'gateway';

/** What is missing in Directus, in the order in which it is to be created. Nothing that is there is changed. */
export function makePlan(wishes: Wishes, existing: Existing): Plan {
  const isAskedFor = ({ name, optional }: WantedCollection) =>
    !optional || wishes.with === 'all' || wishes.with.includes(name);
  const missing = wishes.collections.filter(({ name }) => !existing.collections.has(name));
  const create = missing.filter(isAskedFor);
  const usable = wishes.collections.filter((one) => existing.collections.has(one.name) || isAskedFor(one));
  const steps = [
    ...folderSteps(create, existing),
    ...create.map((collection) => collectionStep(collection, existing)),
    ...wishes.collections.flatMap((collection) => fieldSteps(collection, existing)),
    ...auditSteps(wishes, existing),
    ...(existing.hasPolicies ? policySteps({ ...wishes, collections: usable }, existing) : []),
    ...(existing.hasPolicies && wishes.serviceUser ? userSteps(existing) : []),
  ];
  return {
    exists: [
      ...wishes.collections
        .filter(({ name }) => existing.collections.has(name))
        .map(({ name }) => `collection ${name}`),
      ...(wishes.audit !== undefined && existing.collections.has(wishes.audit) ? [`collection ${wishes.audit}`] : []),
      ...[...existing.policies.keys()].map((name) => `policy ${name}`),
      ...(hasServiceUser(existing) ? [`user with the policy ${servicePolicyName}`] : []),
    ],
    create: steps,
    available: missing.filter((collection) => !isAskedFor(collection)).map(({ name }) => name),
  };
}

const isMarker = ({ rowFields }: WantedCollection): boolean => rowFields.length === 0;

function folderSteps(create: readonly WantedCollection[], { collections }: Existing): Step[] {
  if (collections.has(folderName) || !create.some(isMarker)) return [];
  const note = 'Collections without rows: their permissions decide who may do what through directus-gateway.';
  return [{ kind: 'folder', name: folderName, icon: plainIcon, note }];
}

function collectionStep(wanted: WantedCollection, { collections }: Existing): Step {
  const { name, icon, upstreams, rowFields, parameters } = wanted;
  const marks = isMarker(wanted);
  const hasFolder = collections.get(folderName)?.isFolder ?? true;
  return {
    kind: 'collection',
    name,
    icon,
    note: noteOf(wanted),
    ...(marks && hasFolder && { folder: folderName }),
    hidden: marks,
    fields: distinct([...rowFields.map((field) => rowField(field, upstreams)), ...parameters.map(parameterField)]),
  };
}

/** Some databases do not tell column names apart by their case. */
function distinct(fields: readonly NewField[]): NewField[] {
  const taken = new Set(['id']);
  return fields.filter(({ name }) => !taken.has(name.toLowerCase()) && taken.add(name.toLowerCase()));
}

const parameterField = (name: string): NewField => ({ name, type: name === 'metadata' ? 'json' : 'string' });

const rowField = (name: string, upstreams: readonly string[]): NewField => ({
  name,
  type: 'string',
  note: `The id of this item at ${upstreams.join(', ')}: item rules count by it.`,
});

function noteOf({ routes, rowFields, upstreams }: WantedCollection): string {
  const shown = routes.slice(0, shownRoutes).join('; ');
  const more = routes.length > shownRoutes ? `; and ${routes.length - shownRoutes} more` : '';
  const decides = `Permissions on this collection decide who may use ${upstreams.join(', ')} through directus-gateway: ${shown}${more}.`;
  if (routes.length === 0) return `Its rows stand for items at ${upstreams.join(', ')}: ${rowFields.join(', ')}.`;
  return rowFields.length === 0 ? `${decides} It needs no rows.` : decides;
}

const shownRoutes = 6;

function fieldSteps({ name: collection, rowFields, upstreams }: WantedCollection, { collections }: Existing): Step[] {
  const there = collections.get(collection);
  if (there === undefined || there.isFolder) return [];
  const missing = rowFields.filter((field) => !there.fields.includes(field));
  return missing.map((field) => ({ kind: 'field', collection, ...rowField(field, upstreams) }));
}

/** The collection into which writes are noted, or what it lacks. */
function auditSteps({ audit }: Wishes, { collections }: Existing): Step[] {
  if (audit === undefined) return [];
  const there = collections.get(audit);
  if (there?.isFolder) return [];
  if (there !== undefined) {
    const missing = auditFields.filter(({ name }) => !there.fields.includes(name));
    return missing.map((field) => ({ kind: 'field', collection: audit, ...field }));
  }
  const note = 'What users have written to APIs through directus-gateway: who, what, when, and what came of it.';
  const fields = auditFields;
  return [
    { kind: 'collection', name: audit, icon: 'history', note, hidden: false, fields, key: 'uuid', isUntracked: true },
  ];
}

function policySteps({ upstreams, collections, audit }: Wishes, { policies }: Existing): Step[] {
  const ofUpstreams = upstreams.map((name) => policyFor(name, collections)).filter(({ name }) => !policies.has(name));
  const own = ownPolicies.flatMap((policy): Step[] => {
    const creates = policy.name === servicePolicyName && audit !== undefined ? [audit] : [];
    const there = policies.get(policy.name);
    if (there === undefined) return [creates.length === 0 ? policy : { ...policy, creates }];
    const missing = (action: 'read' | 'create', wanted: readonly string[], has: readonly string[]) =>
      wanted
        .filter((collection) => !has.includes(collection))
        .map((collection): Step => ({ kind: 'permission', policy: policy.name, action, collection }));
    return [...missing('read', policy.reads, there.reads), ...missing('create', creates, there.creates)];
  });
  return [...ofUpstreams, ...own];
}

const hasServiceUser = ({ policies }: Existing): boolean => (policies.get(servicePolicyName)?.users ?? 0) > 0;

function userSteps(existing: Existing): Step[] {
  if (hasServiceUser(existing)) return [];
  const description = 'The own user of directus-gateway: its token is DIRECTUS_TOKEN there.';
  return [{ kind: 'user', name: 'Directus Gateway', description, policies: ownPolicies.map(({ name }) => name) }];
}

/** Names of `with` that no rule knows. */
export function unknownNames({ collections, with: wanted }: Wishes): string[] {
  if (wanted === 'all') return [];
  return wanted.filter((name) => !collections.some((collection) => collection.name === name));
}
