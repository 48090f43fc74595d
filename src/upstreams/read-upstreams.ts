import type { z } from 'zod';
import type { Fault } from '../config/read-variables.ts';
import { version } from '../version.ts';
import { type Declaration, declarationSchema, fileSchema, upstreamName } from './declaration.ts';
import { type Issue, readDeclaredFile } from './declared-file.ts';
import { asList, type Draft } from './draft.ts';
import { interpolate, type Resolve } from './interpolate.ts';
import { nameOfDirectus, ownRoutes } from './own-routes.ts';
import { packagedDrafts } from './packaged-drafts.ts';
import { issuesOf, toUpstream } from './to-upstream.ts';
import type { Upstream } from './upstream.ts';

/** An upstream that is declared and not used. */
export type Off = { readonly name: string; readonly reason: string };

export type ReadUpstreams = {
  readonly upstreams: readonly Upstream[];
  readonly off: readonly Off[];
  readonly faults: readonly Fault[];
};

export type UpstreamSources = {
  /** GATEWAY_CONFIG; undefined where there is none. */
  readonly file: { readonly name: string; readonly text: string } | undefined;
  readonly resolve: Resolve;
};

/** The packaged upstreams and those of gateway.yaml, each fault with its place. */
export function readUpstreams({ file, resolve }: UpstreamSources): ReadUpstreams {
  const faults: Fault[] = [];
  const given = file === undefined ? new Map<string, Draft>() : draftsOf(file, faults);
  const packaged = packagedDrafts();
  const drafts = [
    ...[...packaged].filter(([name]) => !given.has(name)).map(([, draft]) => draft),
    ...[...given.values()].flatMap((draft) => buildOn(draft, packaged, faults)),
  ];
  const upstreams: Upstream[] = [];
  const hostnames = new Map<string, string>();
  const off: Off[] = [];
  const schema = declarationSchema(resolve);
  for (const { name, members, locate } of drafts) {
    const tell = (issues: readonly Issue[]) =>
      faults.push(...issues.map(({ path, message }) => ({ name: locate(path), problem: say(name, path, message) })));
    const reason = whyOff(schema.shape.credential, members, resolve);
    if (reason !== undefined) {
      off.push({ name, reason });
      continue;
    }
    const parsed = schema.safeParse(members);
    if (!parsed.success) {
      tell(parsed.error.issues.flatMap(plainly));
      continue;
    }
    tell([...issuesOf(parsed.data), ...sharedHostnames(name, parsed.data, hostnames)]);
    upstreams.push(toUpstream(name, parsed.data));
  }
  return { upstreams, off, faults };
}

const say = (name: string, path: readonly PropertyKey[], message: string): string =>
  `${['upstreams', name, ...path.map(String)].join('.')} ${message}`;

function draftsOf({ name, text }: NonNullable<UpstreamSources['file']>, faults: Fault[]): Map<string, Draft> {
  const file = readDeclaredFile(name, text);
  const parsed = fileSchema.safeParse(file.content);
  const issues = file.issues.length > 0 ? file.issues : (parsed.error?.issues ?? []).flatMap(plainly);
  faults.push(
    ...issues.map(({ path, message }) => ({ name: file.locate(path), problem: `${path.join('.')} ${message}`.trim() })),
  );
  return new Map(
    Object.entries(parsed.data?.upstreams ?? {}).map(([upstream, members]) => [
      upstream,
      { name: upstream, members, locate: (path) => file.locate(['upstreams', upstream, ...path]) },
    ]),
  );
}

/** Its own members instead of the packaged ones, and its entries before theirs in the lists that both have. */
function buildOn(draft: Draft, packaged: ReadonlyMap<string, Draft>, faults: Fault[]): Draft[] {
  const { name, members, locate } = draft;
  const unfit = upstreamName.safeParse(name).error?.issues[0]?.message;
  if (unfit !== undefined || ownRoutes.has(name) || name === nameOfDirectus) {
    const problem = unfit ?? 'is a name that the gateway keeps for itself';
    faults.push({ name: locate([]), problem: `upstreams.${name} ${problem}` });
    return [];
  }
  const { extends: wanted = packaged.has(name) ? name : 'none' } = members;
  const base = packaged.get(String(wanted));
  if (wanted !== 'none' && base === undefined) {
    const known = [...packaged.keys(), 'none'].join(', ');
    faults.push({ name: locate(['extends']), problem: `upstreams.${name}.extends must be one of ${known}` });
    return [];
  }
  if (base === undefined) return [draft];
  /** Permission to speak in clear is for the packaged addresses only. */
  const addressed = 'origin' in members || 'hosts' in members ? { plaintext: undefined } : {};
  const both = (list: string): unknown =>
    Array.isArray(members[list] ?? []) ? [...asList(members[list]), ...asList(base.members[list])] : members[list];
  return [
    {
      name,
      members: {
        ...base.members,
        ...addressed,
        ...members,
        rules: both('rules'),
        secrets: both('secrets'),
        resources: both('resources'),
      },
      locate: ([first, index, ...rest]) => {
        const own = typeof first === 'string' ? asList(members[first]).length : 0;
        if (first !== undefined && shared.has(first) && typeof index === 'number' && index >= own) {
          return base.locate([first, index - own, ...rest]);
        }
        const path = [first, index, ...rest].filter((part) => part !== undefined);
        return first !== undefined && first in base.members && !(first in members) ? base.locate(path) : locate(path);
      },
    },
  ];
}

const shared: ReadonlySet<PropertyKey> = new Set(['rules', 'secrets', 'resources']);

/**
 * Why an upstream is off: a part of its credential is filled in with nothing. Where one of the variables that would do
 * there is needed elsewhere too, no other would do without it.
 */
function whyOff(schema: z.ZodType, { credential, ...others }: Draft['members'], resolve: Resolve): string | undefined {
  if (!schema.safeParse(credential).success) return undefined;
  const empty = textsOf(credential).find((text) => interpolate(text, resolve) === '');
  if (empty === undefined) return undefined;
  const wouldDo = [...empty.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  const elsewhere = textsOf(others).join('\n');
  const needed = wouldDo.filter((name) => elsewhere.includes(`\${${name}}`));
  return `no ${(needed.length > 0 ? needed : wouldDo).join(' or ')}`;
}

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

/** @param taken names of upstreams by the hostnames that they have, to which these are added */
function sharedHostnames(name: string, { hostnames }: Declaration, taken: Map<string, string>): Issue[] {
  return hostnames.flatMap((hostname, index) => {
    const other = taken.get(hostname);
    taken.set(hostname, other ?? name);
    return other === undefined ? [] : [{ path: ['hostnames', index], message: `is a hostname of ${other} already` }];
  });
}

/** What zod found, in words; of a choice, what is wrong with the alternative that was most likely meant. */
function plainly(issue: z.core.$ZodIssue): Issue[] {
  if (issue.code === 'invalid_union') {
    const likely = issue.errors.toSorted((one, other) => depth(other) - depth(one))[0] ?? [];
    const fitting = issue.errors.find((each) => each.every(({ code }) => code === 'custom'));
    if (depth(likely) === 0 && fitting !== undefined) {
      return fitting.map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
    }
    if (depth(likely) === 0) return [{ path: issue.path, message: issue.message }];
    return likely.flatMap((inner) => plainly({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ path: issue.path, message }));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: notKnown }));
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const isMissing = issue.message.endsWith('received undefined');
    return [
      { path: issue.path, message: isMissing ? 'is required' : `must be ${kinds.get(issue.expected) ?? 'text'}` },
    ];
  }
  return [{ path: issue.path, message: issue.message }];
}

const notKnown = `is not known to version ${version}; a newer one may know it`;

/** zod's words for kinds of value, in YAML's. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['object', 'a mapping'],
  ['record', 'a mapping'],
  ['array', 'a list'],
  ['boolean', 'true or false'],
]);

/** How far into the input an alternative fitted. */
const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.some(({ code, path }) => code === 'unrecognized_keys' && path.length === 0)
    ? 0
    : Math.min(...issues.map(depthOf));

const depthOf = (issue: z.core.$ZodIssue): number =>
  issue.path.length + (issue.code === 'invalid_union' ? Math.max(0, ...issue.errors.map(depth)) : 0);
