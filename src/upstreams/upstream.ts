import type { Secret } from '../config/secret.ts';

export const actions = ['create', 'read', 'update', 'delete'] as const;

/** What a permission of Directus allows or not. */
export type Action = (typeof actions)[number];

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The methods that the gateway knows; all others are refused. */
export type Method = (typeof methods)[number];

/** How the gateway proves itself to the upstream. The caller never sees it, nor chooses it. */
export type Credential =
  | { readonly kind: 'bearer'; readonly token: Secret }
  | { readonly kind: 'basic'; readonly user: string; readonly password: Secret };

/**
 * The form of body that the upstream takes. A JSON body of a caller becomes this form; any other body streams as it is.
 * - `json`: JSON goes as it comes.
 * - `form-nested`: `a[b]=1&list[0]=x`, as Stripe reads it.
 * - `form-flat`: `List=x&List=y`, objects as JSON text, as Twilio reads it.
 */
export type BodyForm = 'json' | 'form-nested' | 'form-flat';

/** `sdk`: errors also bear the members that the official Stripe and Twilio clients read. */
export type ErrorForm = 'directus' | 'sdk';

/** A parameter that the gateway fills in when the caller's form body names none of `unless`. */
export type DefaultParameter = {
  readonly parameter: string;
  readonly value: string;
  readonly unless: readonly string[];
};

/** How an answer that holds several items is told from a single one, and what of it is not items. */
export type ListForm = {
  /** A list has one of these members, with one of these values where they are given. */
  readonly marks: readonly { readonly member: string; readonly values?: readonly string[] }[];
  /** Name of the member with the items; `*`: every array is one of items. */
  readonly items: string;
  readonly envelope: readonly string[];
};

/** Answers that are not one request streamed through but composed by the gateway with the upstream's own client. */
export type OperationName = 'list-payments' | 'list-customer-payments' | 'list-customers' | 'create-customer';

/**
 * One line of an upstream's rule table. `path` is matched segment by segment: a literal, a literal with `.*` for the
 * same with or without an extension, `:name` for any one segment, or a final `*` for one or more. The first rule that
 * matches decides; where none does, the request is refused.
 */
export type Rule = { readonly methods?: readonly Method[]; readonly path: string } & (
  | { readonly deny: string }
  | {
      readonly collection: string;
      /** Callers without a token have what Directus grants to the public. Needs DIRECTUS_TOKEN. */
      readonly public?: boolean;
      /** Replaces the action that follows from the method. */
      readonly action?: Action;
      /** How an item rule of the permission is weighed. Without it, a permission with one is refused. */
      readonly row?: RowRule;
      readonly defaults?: readonly DefaultParameter[];
      readonly operation?: OperationName;
    }
);

/** A rule that hands the decision to a permission of Directus. */
export type GoverningRule = Extract<Rule, { collection: string }>;

/**
 * Ties a request to rows: `field` of `collection`, which is the rule's own where it is left out, holds what the request
 * names. Every place of `from` that names something counts, and at least one must. `each-item`: an operation weighs every
 * item of its answer.
 */
export type RowRule = {
  readonly collection?: string;
  readonly field: string;
  readonly from: readonly RowSource[] | 'each-item';
};

export type RowSource = { readonly path: string } | { readonly query: string } | { readonly body: string };

/** An API behind the gateway, as data. */
export type Upstream = {
  /** First segment of its routes. */
  readonly name: string;
  /** Scheme, host and port. Requests go nowhere else. */
  readonly origin: string;
  readonly credential: Credential;
  readonly rules: readonly Rule[];
  readonly bodyForm: BodyForm;
  readonly errorForm: ErrorForm;
  /** Request headers (lower case) that reach it beyond those that reach every upstream. */
  readonly requestHeaders: readonly string[];
  /**
   * Header (lower case) by which it recognises a repeated request. Its keys are shared by all users of the account,
   * so it is sent a key made of caller and key.
   */
  readonly idempotencyHeader?: string;
  /** Query parameters of a read that choose a page rather than speak of a field. */
  readonly pageParameters: readonly string[];
  /** Parameter that asks for more of the answer, by the path of the member. */
  readonly expandParameter?: string;
  readonly list: ListForm;
  /** What a caller who may see only some fields sees of an error answer, as dotted paths. */
  readonly errorMembers: readonly string[];
  /** Milliseconds until the first byte of its answer. */
  readonly firstByteTimeoutMs: number;
};
