import { createMatchRule } from '../../../src/authorize/match-rule.ts';
import type { Accountability, Permissions } from '../../../src/directus/accountability.ts';
import { createDescribeApi } from '../../../src/specs/describe-api.ts';
import type { OpenApiDocument } from '../../../src/specs/open-api.ts';
import { type Method, methods, type Upstream } from '../../../src/upstreams/upstream.ts';
import { someCaller } from '../grants.ts';

export const callerWith = (permissions: Permissions): Accountability => ({ ...someCaller, permissions });

export const waysOf = (upstreams: readonly Upstream[]) =>
  upstreams.map((upstream) => ({ upstream, matchRule: createMatchRule(upstream) }));

/** The document for a caller with a token, at https://gateway.example. */
export const describedFor = (upstreams: readonly Upstream[], permissions: Permissions): OpenApiDocument =>
  createDescribeApi(
    waysOf(upstreams),
    'directus_session_token',
  )({
    accountability: callerWith(permissions),
    isKnown: true,
    address: 'https://gateway.example',
  });

/** Every operation of a document with its method and path. */
export const operationsIn = ({ paths }: OpenApiDocument) =>
  Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[lower(method)];
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );

export type LowerMethod = Lowercase<Method>;

export function lower(method: Method): LowerMethod {
  switch (method) {
    case 'GET':
      return 'get';
    case 'HEAD':
      return 'head';
    case 'POST':
      return 'post';
    case 'PUT':
      return 'put';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
  }
}
