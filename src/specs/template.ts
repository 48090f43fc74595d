/** One segment of a rule's pattern. */
export type Part =
  | { readonly kind: 'literal'; readonly text: string }
  /** `:name`, any one segment. */
  | { readonly kind: 'name'; readonly name: string }
  /** `name.*`, with an extension. */
  | { readonly kind: 'extension'; readonly before: string }
  /** A final `*`, one segment or more. */
  | { readonly kind: 'rest' };

/** A rule's pattern as OpenAPI can say it. */
export type Template = { readonly parts: readonly Part[]; readonly slash: '' | '/' };

/** The templates of a pattern: for each `name.*` there is one without and one with an extension. */
export function templatesOf(pattern: string): Template[] {
  const slash = pattern.endsWith('/') ? '/' : '';
  const segments = pattern.slice(1, pattern.length - slash.length).split('/');
  const all = segments.reduce<readonly (readonly Part[])[]>(
    (before, segment) => before.flatMap((parts) => partsOf(segment).map((part) => [...parts, part])),
    [[]],
  );
  return all.map((parts) => ({ parts, slash }));
}

function partsOf(segment: string): Part[] {
  if (segment === '*') return [{ kind: 'rest' }];
  if (segment.startsWith(':')) return [{ kind: 'name', name: segment.slice(1) }];
  if (!segment.endsWith('.*')) return [{ kind: 'literal', text: segment }];
  const before = segment.slice(0, -2);
  const extended: Part = { kind: 'extension', before };
  return before === '' ? [extended] : [{ kind: 'literal', text: before }, extended];
}

export const isOpen = ({ parts }: Template): boolean => parts.at(-1)?.kind === 'rest';

/** With a final `*` that stands for no fewer segments than these. */
export function deepened(template: Template, depth: number): Template {
  if (!isOpen(template)) return template;
  const above = Array.from({ length: depth - 1 }, (): Part => ({ kind: 'name', name: 'segment' }));
  return { ...template, parts: [...template.parts.slice(0, -1), ...above, { kind: 'rest' }] };
}

export const namesIn = ({ parts }: Template): string[] =>
  parts.flatMap((part) => (part.kind === 'name' ? [part.name] : []));

/** With values instead of the `:name` of theirs. */
export const withValues = (template: Template, values: ReadonlyMap<string, string>): Template => ({
  ...template,
  parts: template.parts.map((part) => {
    const text = part.kind === 'name' ? values.get(part.name) : undefined;
    return text === undefined ? part : { kind: 'literal', text };
  }),
});

/** Names for the parameters, in their order, each but once. */
export function parameterNames({ parts }: Template): string[] {
  const names = new Set<string>();
  for (const part of parts) {
    if (part.kind === 'literal') continue;
    const wanted = part.kind === 'name' ? part.name : part.kind === 'rest' ? 'path' : 'extension';
    let name = wanted;
    for (let count = 2; names.has(name); count += 1) name = `${wanted}_${count}`;
    names.add(name);
  }
  return [...names];
}

/** The path with these in place of its parameters, in their order. */
export function written({ parts, slash }: Template, inPlace: readonly string[]): string {
  const left = inPlace.values();
  const segments = parts.map((part) => {
    if (part.kind === 'literal') return `/${part.text}`;
    return `/${part.kind === 'extension' ? `${part.before}.` : ''}${left.next().value ?? ''}`;
  });
  return segments.join('') + slash;
}

/** The path with one text in place of each parameter. */
export const writtenWith = (template: Template, text: string): string =>
  written(
    template,
    template.parts.filter(({ kind }) => kind !== 'literal').map(() => text),
  );

/** What templates have in common that differ in nothing but the names of their parameters: to OpenAPI they are one. */
export const shapeOf = (template: Template): string => writtenWith(template, '{}');
