import { oncePer } from '../upstreams/once-per.ts';
import { type Method, methods, type Upstream } from '../upstreams/upstream.ts';
import { isOpen, type Part, shapeOf, type Template, templatesOf } from './template.ts';

/** What an upstream has at some path. */
export type Known = { readonly template: Template; readonly methods: readonly Method[] };

/**
 * What a rule is about, of all that the upstream has. Where its `resources` say nothing of any such path, or there are
 * none, that is the rule's own pattern with every method.
 */
export function knownOf(upstream: Pick<Upstream, 'resources'>, pattern: string): Known[] {
  const resources = nearestFirst(upstream);
  const templates = templatesOf(pattern);
  const known = templates.flatMap((template) =>
    resources.flatMap((resource) => {
      const both = meet(template, resource.template);
      return both === undefined || nearest(both, resources) !== resource ? [] : { ...resource, template: both };
    }),
  );
  return known.length > 0 ? known : templates.map((template) => ({ template, methods }));
}

/** Those that have a literal where others have a name come before these: `/v1/customers/search` is no `/v1/customers/:id`. */
const nearestFirst = oncePer(({ resources }: Pick<Upstream, 'resources'>): readonly Known[] =>
  resources
    .flatMap(({ path, methods }) =>
      templatesOf(path).map((template) => ({ template, methods, rank: rankOf(template) })),
    )
    .toSorted((one, other) => (one.rank < other.rank ? -1 : Number(one.rank > other.rank))),
);

const ranks = { literal: 0, extension: 1, name: 2, rest: 3 } as const satisfies Record<Part['kind'], number>;

const rankOf = ({ parts }: Template): string => parts.map(({ kind }) => ranks[kind]).join('');

/** The resource that paths of this form are. */
const nearest = (template: Template, resources: readonly Known[]): Known | undefined =>
  resources.find((resource) => {
    const both = meet(template, resource.template);
    return both !== undefined && shapeOf(both) === shapeOf(template);
  });

/** The paths that fit both a rule's pattern and a resource, with the rule's names where both have one. */
function meet(pattern: Template, { parts: of, slash }: Template): Template | undefined {
  const more = of.length - pattern.parts.length;
  if (pattern.slash !== slash || (isOpen(pattern) ? more < 0 : more !== 0)) return undefined;
  const parts: Part[] = [];
  for (const [index, part] of of.entries()) {
    const both = common(pattern.parts[index] ?? rest, part);
    if (both === undefined) return undefined;
    parts.push(both);
  }
  return { parts, slash };
}

const rest: Part = { kind: 'rest' };

function common(one: Part, other: Part): Part | undefined {
  if (other.kind === 'rest') return undefined; // the schema lets no resource have it
  if (one.kind === 'rest') return other;
  if (other.kind === 'name') return one;
  if (one.kind === 'name') return other;
  if (other.kind === 'extension') return isWithin(one, other) ? one : undefined;
  return isWithin(other, one) ? other : undefined;
}

type Fixed = Extract<Part, { kind: 'literal' | 'extension' }>;

function isWithin(part: Fixed, wider: Fixed): boolean {
  if (wider.kind === 'literal') return part.kind === 'literal' && part.text === wider.text;
  return part.kind === 'literal' ? part.text.startsWith(`${wider.before}.`) : part.before === wider.before;
}
