import type { GoverningRule, Method, Rule, SecretResource, Upstream } from '../upstreams/upstream.ts';

/** The rule for a method and a path below the upstream's name, or undefined. */
export type MatchRule = (method: Method, path: string) => Rule | undefined;

/**
 * Makes the rule table of an upstream ready. A pattern is matched segment by segment: a literal, a literal with `.*` for
 * the same with or without an extension, `:name` for any one segment, a final `*` for one or more. A pattern that ends
 * in a slash is about paths that do, any other about paths that do not.
 *
 * The first rule that matches in *any* spelling decides, since the upstream may not tell them apart: letters in either
 * case, characters encoded or not, with or without a final slash or an extension. If it allows, letters, slash and
 * extension must be as written; otherwise no rule matches, and none further down is tried. Of rules that each name an
 * extension, each is about its own. Resources that hold secrets are only allowed by a rule that names them.
 */
export function createMatchRule({ rules, secrets }: Pick<Upstream, 'rules' | 'secrets'>): MatchRule {
  const rulesAt = indexed(
    rules.map((rule) => ({
      rule,
      ...compile(rule.path),
      loose: loosely(rule.path),
      withExtension: namedWithExtension(rule.path),
    })),
  );
  const secretsAt = indexed(secrets.map((resource) => ({ resource, loose: loosely(resource.path) })));

  const heldAt = (method: Method, path: readonly string[]) =>
    secretsAt(path).filter(({ resource, loose }) => isFor(resource, method) && matches(loose, path));

  return (method, path) => {
    const exact = read(path);
    const loose = exact.map(folded);
    const held = heldAt(method, loose);
    /** A rule that leads to a host leads to that host's secrets, too. */
    const isNamed = (rule: GoverningRule, names: readonly string[]) =>
      held.every((secret) => isNamedBy(names, secret.loose)) &&
      (rule.host === undefined ||
        heldAt(method, [rule.host, ...loose]).every((secret) => isNamedBy([rule.host ?? '', ...names], secret.loose)));
    const entries = rulesAt(loose);
    const isAbout = ({ rule, loose: names }: (typeof entries)[number]) => isFor(rule, method) && matches(names, loose);
    const last = loose.at(-1);
    /** Whether a rule names one extension where another rule names the one that is asked for. */
    const isOfAnother = (withExtension: string | undefined) =>
      withExtension !== undefined &&
      withExtension !== last &&
      entries.some((other) => other.withExtension === last && isAbout(other));
    const found = entries.find(
      (entry) =>
        isAbout(entry) &&
        !isOfAnother(entry.withExtension) &&
        ('deny' in entry.rule || isNamed(entry.rule, entry.loose)),
    );
    if (found === undefined) return held[0] === undefined ? undefined : secretRule(held[0].resource);
    if ('deny' in found.rule) return found.rule;
    const isExact = found.endsInSlash === path.endsWith('/') && matches(found.segments, exact);
    return isExact ? found.rule : undefined;
  };
}

/**
 * Those entries, in their order, that a path can match by its first two segments: a table has hundreds, and few of them
 * begin alike. Only beginnings that the table itself has are kept.
 */
function indexed<Entry extends { readonly loose: readonly string[] }>(table: readonly Entry[]) {
  const known = [0, 1].map((index) => new Set(table.flatMap(({ loose }) => beginningOf(loose[index]) ?? [])));
  const kept = new Map<string, readonly Entry[]>();
  return (path: readonly string[]): readonly Entry[] => {
    const asked = path.slice(0, known.length).map(beforeDot);
    const beginning = known.map((names, index) => (names.has(asked[index] ?? '') ? asked[index] : undefined));
    const key = beginning.join('/');
    const entries =
      kept.get(key) ??
      table.filter(({ loose }) =>
        beginning.every((name, index) => [undefined, name].includes(beginningOf(loose[index]))),
      );
    kept.set(key, entries);
    return entries;
  };
}

/** What all segments begin with that a segment of a pattern is about. */
const beginningOf = (segment: string | undefined): string | undefined =>
  segment === undefined || isOpen(segment) || segment === '.*' ? undefined : beforeDot(segment);

const beforeDot = (segment: string): string => {
  const dot = segment.indexOf('.', 1);
  return dot === -1 ? segment : segment.slice(0, dot);
};

/** Whether a segment of a pattern stands for any. */
const isOpen = (segment: string): boolean => segment === '*' || segment.startsWith(':');

/** The values of the `:name` segments of a path that matches the rule, decoded. */
export function pathParameters(rule: Rule, path: string): ReadonlyMap<string, string> {
  if (!rule.path.includes('/:')) return none;
  const actual = read(path);
  const named = compile(rule.path).segments.flatMap((expected, index) =>
    expected.startsWith(':') ? [[expected.slice(1), actual[index] ?? ''] as const] : [],
  );
  return new Map(named);
}

const none: ReadonlyMap<string, string> = new Map();

/** Whether callers without a token are let in, to have what Directus grants to the public. */
export const isPublic = (rule: Rule | undefined): boolean =>
  rule !== undefined && 'collection' in rule && rule.public === true;

/** What stands for a resource that holds secrets where no rule names it. */
const secretRule = ({ path }: SecretResource): Rule => ({ path, deny: `secret:${path}` });

const isFor = ({ methods }: Pick<Rule, 'methods'>, method: Method): boolean => methods?.includes(method) ?? true;

type Pattern = { readonly segments: readonly string[]; readonly endsInSlash: boolean };

const compile = (pattern: string): Pattern => ({ segments: read(pattern), endsInSlash: pattern.endsWith('/') });

/** In the spelling that stands for all of them: the last name with any extension. */
function loosely(path: string): string[] {
  const segments = read(path).map(folded);
  const last = segments.pop() ?? '';
  const { name } = parted(last);
  return [...segments, isOpen(last) || name === '' ? last : `${name}.*`];
}

/** The last segment of a pattern, where it is a name with one extension and no other. */
function namedWithExtension(path: string): string | undefined {
  const last = folded(read(path).at(-1) ?? '');
  return isOpen(last) || [undefined, '*'].includes(parted(last).extension) ? undefined : last;
}

/** A segment that begins with a dot is an extension without a name. */
function parted(segment: string): { readonly name: string; readonly extension: string | undefined } {
  const dot = segment.lastIndexOf('.');
  return dot === -1
    ? { name: segment, extension: undefined }
    : { name: segment.slice(0, dot), extension: segment.slice(dot + 1) };
}

/** Letters that an API may take for each other, also beyond ASCII. */
const folded = (segment: string): string =>
  /^[\x20-\x7e]*$/.test(segment) ? segment.toLowerCase() : segment.normalize('NFKC').toUpperCase().toLowerCase();

/** The segments of a path or pattern, decoded; the plain form of a path sees to it that none of them holds a slash. */
function read(path: string): string[] {
  const segments = path.slice(1, path.length > 1 && path.endsWith('/') ? -1 : undefined).split('/');
  return path.includes('%') ? segments.map(decodeURIComponent) : segments;
}

function matches(pattern: readonly string[], actual: readonly string[]): boolean {
  const open = pattern.at(-1) === '*';
  if (open ? actual.length < pattern.length : actual.length !== pattern.length) return false;
  return pattern.every((expected, index) => matchesSegment(expected, actual[index] ?? ''));
}

function matchesSegment(expected: string, actual: string): boolean {
  if (isOpen(expected)) return actual !== '';
  if (!expected.endsWith('.*')) return actual === expected;
  const name = expected.slice(0, -2);
  return actual === name || actual.startsWith(`${name}.`);
}

/** Whether a rule speaks of a resource itself: literal wherever the resource is, and no longer or shorter. */
const isNamedBy = (rule: readonly string[], resource: readonly string[]): boolean =>
  rule.length === resource.length &&
  resource.every((segment, index) => {
    const named = rule[index] ?? '';
    if (segment.startsWith(':')) return named !== '*';
    return withoutExtension(named) === withoutExtension(segment);
  });

const withoutExtension = (segment: string): string => segment.replace(/\.\*$/, '');
