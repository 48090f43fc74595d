import type { Json, JsonObject } from '../directus/json.ts';
import type { Action, Method } from '../upstreams/upstream.ts';

/** As much of OpenAPI 3.1 as the gateway says (spec.openapis.org/oas/v3.1.1). */
export type OpenApiDocument = {
  readonly openapi: '3.1.1';
  readonly info: JsonObject;
  readonly servers: readonly JsonObject[];
  readonly security: readonly JsonObject[];
  readonly tags: readonly JsonObject[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: JsonObject;
};

export type PathItem = {
  readonly parameters?: readonly JsonObject[];
  /** Also those of actions that the caller may not take there. */
  readonly 'x-gateway-methods'?: MethodsByAction;
} & {
  readonly [Name in Lowercase<Method>]?: DescribedOperation;
};

export type MethodsByAction = Readonly<Partial<Record<Action, readonly Method[]>>>;

export type DescribedOperation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description?: string;
  readonly requestBody?: JsonObject;
  readonly responses: JsonObject;
  readonly 'x-directus-collection': string;
  readonly 'x-directus-action': string;
  /** The pattern of the rule that decides. */
  readonly 'x-gateway-rule': string;
  /** Those that the permission lists; absent where it allows every field. */
  readonly 'x-directus-fields'?: readonly string[];
  /** There where the permission has an item rule. */
  readonly 'x-directus-rows'?: 'some';
};

/** JSON Schema (2020-12). */
export type Schema = JsonObject;

/** Without the members that are not there. */
export const present = (members: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
