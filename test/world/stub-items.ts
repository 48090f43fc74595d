import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { forbid, json } from './answers.ts';

/** What the stub says of one token: the bodies of the two questions that the gateway asks. */
export type StubUser = {
  readonly id?: string;
  readonly permissions: Record<string, unknown>;
  /** The rows that this user reads. */
  readonly rows?: readonly StubRow[];
};

/** A row as one user meets it. */
export type StubRow = {
  readonly id: number;
  /** What the row holds. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Its values are shown as null, since the rule that lets the user see this row lists other fields. */
  readonly hidden?: boolean;
  readonly update?: boolean;
  readonly delete?: boolean;
};

/** One question about rows. */
export type ItemCall = {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: unknown;
};

const search = z.object({
  query: z.object({
    fields: z.array(z.string()),
    filter: z.record(
      z.string(),
      z.union([z.object({ _in: z.array(z.string()) }), z.object({ _nnull: z.literal(true) })]),
    ),
    limit: z.int(),
  }),
});
const readPermission = z.object({ read: z.object({ fields: z.array(z.string()) }) });

type Asking = { readonly user: StubUser; readonly token: string; readonly calls: ItemCall[] };

/** Directus' answers about rows, as a real 11.17.4 gives them. False: the path is none of these. */
export async function answerAboutItems(
  { user, token, calls }: Asking,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const { method = '', url = '', headers } = request;
  const path = new URL(url, 'http://directus.test').pathname;
  const [, place, collection = '', key = ''] = /^\/(items|permissions\/me)\/([^/]+)\/?([^/]*)$/.exec(path) ?? [];
  if (place === undefined) return false;
  const body = await text(request);
  calls.push({ method, path: url, token, body: body === '' ? undefined : JSON.parse(body) });
  const row = user.rows?.find(({ id }) => String(id) === key);
  if (place === 'permissions/me') json(response, 200, { data: mayDo(row) });
  else if (method === 'SEARCH') answerSearch(user, collection, isJson(headers) ? body : undefined, response);
  else if (method === 'PATCH' && row?.update === true) json(response, 200, { data: { id: row.id } });
  else forbid(response);
  return true;
}

const isJson = (headers: IncomingMessage['headers']): boolean => headers['content-type'] === 'application/json';

const mayDo = (row: StubRow | undefined) => ({
  update: { access: row?.update === true },
  delete: { access: row?.delete === true },
  share: { access: false },
});

/** Filters look at what a row holds, whether or not it is shown, in either case of letters (as on MySQL). */
function answerSearch(
  { rows = [], permissions }: StubUser,
  collection: string,
  body: string | undefined,
  response: ServerResponse,
) {
  if (body === undefined) return json(response, 200, { data: rows.map((row) => shown(row, Object.keys(row.values))) });
  const { fields, filter, limit } = search.parse(JSON.parse(body)).query;
  const listed = readPermission.safeParse(permissions[collection]).data?.read.fields ?? [];
  const needed = [...fields, ...Object.keys(filter)];
  if (!listed.includes('*') && !needed.every((field) => listed.includes(field))) return forbid(response);
  const found = rows.filter(({ values }) =>
    Object.entries(filter).every(([field, rule]) => {
      const value = values[field];
      if (typeof value !== 'string') return false;
      return '_nnull' in rule || rule._in.some((wanted) => wanted.toLowerCase() === value.toLowerCase());
    }),
  );
  json(response, 200, { data: (limit < 0 ? found : found.slice(0, limit)).map((row) => shown(row, fields)) });
}

const shown = ({ id, values, hidden }: StubRow, fields: readonly string[]): object =>
  Object.fromEntries(
    fields.map((field) => [field, field === 'id' ? id : hidden === true ? null : (values[field] ?? null)]),
  );
