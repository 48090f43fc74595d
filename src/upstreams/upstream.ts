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
  | { readonly kind: 'basic'; readonly user: Secret; readonly password?: Secret | undefined }
  | { readonly kind: 'header'; readonly name: string; readonly scheme?: string | undefined; readonly value: Secret }
  | { readonly kind: 'query'; readonly name: string; readonly value: Secret };

/** What of a credential nobody may see. */
export function secretOf(credential: Credential): Secret {
  switch (credential.kind) {
    case 'bearer':
      return credential.token;
    case 'basic':
      return credential.password ?? credential.user;
    case 'header':
    case 'query':
      return credential.value;
  }
}

export const bodyForms = ['as-is', 'json', 'form-nested', 'form-flat'] as const;

/**
 * The form of body that the upstream takes.
 * - `as-is`: whatever it is, it streams as it comes.
 * - `json`: nothing but JSON.
 * - `form-nested`: a JSON body becomes `a[b]=1&list[0]=x`, as Stripe reads it; any other body streams as it comes.
 * - `form-flat`: a JSON body becomes `List=x&List=y`, objects as JSON text, as Twilio reads it; any other likewise.
 */
export type BodyForm = (typeof bodyForms)[number];

/** A parameter that the gateway fills in when the caller's form body names none of `unless`. */
export type DefaultParameter = {
  readonly parameter: string;
  readonly value: string;
  readonly unless: readonly string[];
};

/** How an answer that holds several items is told from a single one, and what of it is not items. */
export type ListForm = {
  /** A list has one of these members, with one of these values where they are given. */
  readonly marks: readonly { readonly member: string; readonly values?: readonly string[] | undefined }[];
  /** Name of the member with the items; `*`: every array is one of items. */
  readonly items: string;
  readonly envelope: readonly string[];
};

export const operationNames = ['list-payments', 'list-customer-payments', 'list-customers', 'create-customer'] as const;

/** Answers that are not one request streamed through but composed by the gateway with the upstream's own client. */
export type OperationName = (typeof operationNames)[number];

export const budgetKeys = ['user', 'role', 'all'] as const;

/** Who shares a budget: each user has their own, all of one role have one, or everybody has. */
export type BudgetKey = (typeof budgetKeys)[number];

/** So many points in each span of time. Spans begin together, at midnight UTC for one of a day. */
export type Budget = {
  /** The rule that it is of, in a form that stays the same while its methods and paths do. */
  readonly id: string;
  readonly points: number;
  readonly perMs: number;
  readonly key: BudgetKey;
};

/** Where messages and calls may go. */
export type DestinationLimit = {
  /** The parameter that names telephone numbers. */
  readonly parameter: string;
  /** What each must begin with: `+49`, or `whatsapp:+49`. */
  readonly prefixes?: readonly string[] | undefined;
  /** How many distinct ones. */
  readonly count?: Budget | undefined;
};

/** Which requests a rule is about. `path` is a pattern (see match-rule.ts). */
type Scope = { readonly methods?: readonly Method[] | undefined; readonly path: string };

/** Refuses. `deny` is the reason, for the log and explain. */
export type DenyRule = Scope & { readonly deny: string };

/** Hands the decision to a permission of Directus. */
export type GoverningRule = Scope & {
  /** May hold `{name}`, the value of the path's `:name`. */
  readonly collection: string;
  /** Callers without a token have what Directus grants to the public. Needs DIRECTUS_TOKEN. */
  readonly public?: boolean | undefined;
  /** Replaces the action that follows from the method. */
  readonly action?: Action | undefined;
  /** How an item rule of the permission is weighed. Without it, a permission with one is refused. */
  readonly row?: RowRule | undefined;
  readonly defaults?: readonly DefaultParameter[] | undefined;
  readonly operation?: OperationName | undefined;
  /** Field of the collection into which an operation writes the id of what it has created. */
  readonly writeBack?: string | undefined;
  /** The entry of the upstream's `hosts` that it goes to. */
  readonly host?: string | undefined;
  /** Instead of the upstream's. */
  readonly bodyForm?: BodyForm | undefined;
  /** Beside the upstream's. */
  readonly forbiddenParameters?: readonly string[] | undefined;
  /** Parameters that may be sent with these values only, or with none at all. */
  readonly allowedValues?: AllowedValues | undefined;
  /** How many requests it lets through. */
  readonly budget?: Budget | undefined;
  readonly destinations?: DestinationLimit | undefined;
  /** Instead of the upstream's. */
  readonly links?: readonly string[] | undefined;
  /** Parameters that permissions are likely to be limited to: `init` makes fields of them. */
  readonly fields?: readonly string[] | undefined;
  /** `init` creates the collection only when it is asked for by name. */
  readonly optional?: boolean | undefined;
  /** The answer may take as long as it likes. */
  readonly stream?: boolean | undefined;
};

/** Values by the name of the parameter. */
export type AllowedValues = Readonly<Record<string, readonly string[]>>;

/** One line of an upstream's rule table. The first that matches decides; where none does, the request is refused. */
export type Rule = DenyRule | GoverningRule;

/**
 * Ties a request to rows: `field` of `collection`, which is the rule's own where it is left out, holds what the request
 * names. Every place of `from` that names something counts, and at least one must. `each-item`: an operation weighs every
 * item of its answer.
 */
export type RowRule = {
  readonly collection?: string | undefined;
  readonly field: string;
  readonly from: readonly RowSource[] | 'each-item';
};

export type RowSource = { readonly path: string } | { readonly query: string } | { readonly body: string };

/** A resource whose answers hold secrets: refused unless a rule names it. */
export type SecretResource = Scope & { readonly members: readonly string[] };

/** A path that the API has, and its methods there. Descriptions speak of these only; no decision rests on them. */
export type Resource = { readonly methods: readonly Method[]; readonly path: string };

/** An API behind the gateway, as data. Header names are in lower case. */
export type Upstream = {
  /** First segment of its routes. */
  readonly name: string;
  /** Of its collections in Directus, as Directus names icons (Material Symbols). */
  readonly icon?: string | undefined;
  /** Scheme, host and port. */
  readonly origin: string;
  /** More origins of the same API, by the segment below the name that leads to them. Requests go nowhere else. */
  readonly hosts: ReadonlyMap<string, string>;
  /** Host names of the gateway under which it answers without its name in the path. */
  readonly hostnames: readonly string[];
  readonly credentials: readonly Credential[];
  readonly rules: readonly Rule[];
  readonly secrets: readonly SecretResource[];
  /** None: it is not known what the API has. */
  readonly resources: readonly Resource[];
  readonly bodyForm: BodyForm;
  readonly requestHeaders: {
    /** Reach it beyond those that reach every upstream. */
    readonly allow: readonly string[];
    readonly drop: readonly string[];
    /** Replace the caller's. */
    readonly set: Readonly<Record<string, string>>;
  };
  readonly answerHeaders: { readonly drop: readonly string[] };
  /** What the audit takes from its answers. */
  readonly audit: {
    /** The member that holds the id of an object, as a dotted path. */
    readonly idMember: string;
    /** The header that holds its own id of the request. */
    readonly requestIdHeader: string;
  };
  /**
   * Header by which it recognises a repeated request. Its keys are shared by all users of the account, so it is sent a
   * key made of caller and key.
   */
  readonly idempotencyHeader?: string | undefined;
  /** Parameters that nobody may send, neither in the query nor in the body. */
  readonly forbiddenParameters: readonly string[];
  /** Parameters that a rule allows with some values only. */
  readonly allowedValues?: AllowedValues | undefined;
  /** Query parameters of a read that choose a page rather than speak of a field. */
  readonly pageParameters: readonly string[];
  /** Parameter that asks for more of the answer, by the path of the member. */
  readonly expandParameter?: string | undefined;
  readonly list: ListForm;
  /** What a caller who may see only some fields sees of an error answer, as dotted paths. */
  readonly errorMembers: readonly string[];
  /** Members of JSON answers that hold addresses of this API, which are made the gateway's. */
  readonly links: readonly string[];
  readonly limits: {
    /** Milliseconds until there is a connection. */
    readonly connectMs: number;
    /** Milliseconds until the first byte of its answer. */
    readonly firstByteMs: number;
    /** Milliseconds in which nothing of its answer moves. */
    readonly silenceMs: number;
    /** Milliseconds until its answer must be whole. */
    readonly totalMs: number;
    /** Most bytes of a request body that is streamed. */
    readonly requestBodyBytes?: number | undefined;
    /** Most requests that are under way to it at once, of all callers together and of each. */
    readonly open: number;
    readonly openPerCaller: number;
  };
  /** Path and query of a harmless GET that proves the credential. */
  readonly probe?: string | undefined;
};
