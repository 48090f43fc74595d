/** As much of the caller's OpenAPI document as the page reads itself (docs/openapi.md). */
export type ApiDocument = Members & { readonly paths: Readonly<Record<string, Members>> };

export type Members = Readonly<Record<string, unknown>>;

export const actions = ['read', 'create', 'update', 'delete'] as const;
export type Action = (typeof actions)[number];

export const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'] as const;
export type MethodKey = (typeof methods)[number];

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isAction = (value: unknown): value is Action => actions.some((action) => action === value);

/** @throws Error where it is no such document */
export function readDocument(body: unknown): ApiDocument {
  if (!isMembers(body) || !isMembers(body.paths)) throw new Error('The gateway has sent no OpenAPI document.');
  const paths = Object.entries(body.paths).flatMap(([path, item]) => (isMembers(item) ? [[path, item] as const] : []));
  return { ...body, paths: Object.fromEntries(paths) };
}

/** Whether the gateway knows who has asked: it then says where a token may be. */
export const isOfSomebody = ({ security }: ApiDocument): boolean => Array.isArray(security) && security.length > 0;
