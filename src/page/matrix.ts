import { type Action, type ApiDocument, isAction, isMembers, type Members, methods } from './document.ts';

/** What the caller may do on one path with one action. */
export type Cell = {
  /** As they are sent: `PUT`. */
  readonly methods: readonly string[];
  readonly collection: string;
  /** The only ones that may be spoken of; `all` where the permission lists none. */
  readonly fields: 'all' | readonly string[];
  /** Whether the permission has an item rule. */
  readonly isLimitedToRows: boolean;
};

export type Row = {
  /** As in the document, with its parameters in braces. */
  readonly path: string;
  readonly collections: readonly string[];
  /** For each action that the path has a method for. */
  readonly cells: Readonly<Partial<Record<Action, Cell | Refused>>>;
};

export type Refused = { readonly refused: true; readonly methods: readonly string[] };

export type Group = { readonly upstream: string; readonly rows: readonly Row[] };

/** The document as a table: a row for each path, a column for each action, the paths of one API together. */
export function matrixOf({ paths }: ApiDocument): Group[] {
  const groups = new Map<string, Row[]>();
  for (const [path, item] of Object.entries(paths)) {
    if (isOtherSpelling(path, paths)) continue;
    const { cells, collections } = cellsOf(item);
    const upstream = path.split('/', 2)[1] ?? '';
    groups.set(upstream, [...(groups.get(upstream) ?? []), { path, cells, collections }]);
  }
  return [...groups].map(([upstream, rows]) => ({ upstream, rows }));
}

/** Rows of which the path or a collection has each of these words. */
export function search(groups: readonly Group[], text: string): Group[] {
  const words = text.toLowerCase().split(/\s+/);
  const fits = ({ path, collections }: Row): boolean => {
    const hay = `${path} ${collections.join(' ')}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  };
  return groups
    .map(({ upstream, rows }) => ({ upstream, rows: rows.filter(fits) }))
    .filter(({ rows }) => rows.length > 0);
}

/** `/Messages.{extension}` is `/Messages` again. */
const isOtherSpelling = (path: string, paths: ApiDocument['paths']): boolean =>
  extension.test(path) && paths[path.replaceAll(extension, '')] !== undefined;

const extension = /\.\{extension(_\d+)?\}/g;

function cellsOf(item: Members): Pick<Row, 'cells' | 'collections'> {
  const cells: Partial<Record<Action, Cell>> = {};
  for (const method of methods) {
    const operation = item[method];
    if (!isMembers(operation)) continue;
    const { 'x-directus-action': action, 'x-directus-collection': collection } = operation;
    if (!isAction(action)) continue;
    const before = cells[action];
    cells[action] = before
      ? { ...before, methods: [...before.methods, method.toUpperCase()] }
      : {
          methods: [method.toUpperCase()],
          collection: String(collection),
          fields: fieldsOf(operation['x-directus-fields']),
          isLimitedToRows: operation['x-directus-rows'] !== undefined,
        };
  }
  const collections = [...new Set(Object.values(cells).map(({ collection }) => collection))];
  return { cells: { ...refusals(item), ...cells }, collections };
}

function refusals({ 'x-gateway-methods': offered }: Members): Partial<Record<Action, Refused>> {
  const all = Object.entries(isMembers(offered) ? offered : {});
  return Object.fromEntries(
    all.flatMap(([action, of]) =>
      Array.isArray(of) ? [[action, { refused: true, methods: of.map(String) }] as const] : [],
    ),
  );
}

const fieldsOf = (listed: unknown): Cell['fields'] => (Array.isArray(listed) ? listed.map(String) : 'all');
