import { z } from 'zod';
import type { Resolve } from './interpolate.ts';
import { actions, budgetKeys, operationNames } from './upstream.ts';
import { hostForm, type Vocabulary, vocabularyOf } from './vocabulary.ts';

/** An upstream as it is declared, filled in. */
export type Declaration = z.output<ReturnType<typeof declarationSchema>>;
export type DeclaredRule = Declaration['rules'][number];
export type DeclaredCredential = z.output<ReturnType<typeof credentialSchema>>;

/**
 * The form in which an upstream is declared, in gateway.yaml and in the packaged files. gateway.schema.json is generated
 * from it for editors, which is why everything bears a description.
 * @param resolve fills in `${NAME}`
 */
export function declarationSchema(resolve: Resolve) {
  const words = vocabularyOf(resolve);
  const credential = credentialSchema(words);
  return z.strictObject({
    extends: z
      .string()
      .optional()
      .describe('The packaged upstream that it builds on: the one of its own name where there is one, or `none`.'),
    icon: words.text.optional().describe('Icon of its collections in Directus (fonts.google.com/icons).'),
    origin: words.origin.describe('Scheme, host and port of the API.'),
    plaintext: z
      .enum(['loopback', 'network'], { error: 'must be loopback or network' })
      .optional()
      .describe('Permits http:, so that credentials travel in clear: `loopback` on this machine, `network` anywhere.'),
    hosts: z
      .record(z.string().regex(hostForm, 'must be a host name in lower case'), words.origin)
      .default({})
      .describe('More origins of the same API, by the segment below its name that leads to them.'),
    hostnames: z
      .array(words.hostname)
      .default([])
      .describe('Host names of the gateway under which it answers without its name in the path.'),
    credential: z
      .union([credential, z.array(credential)], { error: 'must be one of bearer, basic, header, query, or a list' })
      .default([])
      .describe('One, or several. When one is filled in with nothing, the upstream is off.'),
    body: words.bodyForm.default('as-is').describe('The form of body that it takes.'),
    requestHeaders: requestHeadersSchema(words),
    answerHeaders: z
      .strictObject({ drop: z.array(words.headerName).describe('Headers that do not reach callers.') })
      .default({ drop: [] }),
    audit: z
      .strictObject({
        idMember: words.text
          .default('id')
          .describe('Member of an answer that holds the id of its object, such as `sid` or `data.id`.'),
        requestIdHeader: words.headerName
          .default('x-request-id')
          .describe('Header of an answer that holds its own id of the request.'),
      })
      .prefault({})
      .describe('What the audit (AUDIT_COLLECTION) takes from its answers.'),
    idempotencyHeader: words.headerName
      .optional()
      .describe('Header by which it recognises a repeated request. Its keys are kept apart by caller.'),
    forbidParameters: words.names
      .default([])
      .describe('Parameters that nobody may send, neither in the query nor in the body.'),
    limits: z
      .strictObject({
        connect: words.duration.default(5_000).describe('Until there is a connection, such as 5s.'),
        firstByte: words.duration.default(60_000).describe('Until its answer begins, such as 30s.'),
        silence: words.duration
          .default(60_000)
          .describe('Between two bytes of its answer, and of what the caller takes.'),
        total: words.duration
          .default(300_000)
          .describe('Until its answer is whole. Rules with `stream` and event streams are exempt.'),
        requestBody: words.byteSize.optional().describe('The largest body that is streamed to it, such as 10mb.'),
        open: words.count.default(1_000).describe('Most requests that are under way to it at once.'),
        openPerCaller: words.count.default(100).describe('Most of these that are of one caller.'),
      })
      .prefault({}),
    links: memberNames(words)
      .default([])
      .describe("Members of its JSON answers that hold its addresses, made the gateway's."),
    list: listSchema(words),
    pageParameters: words.names
      .default([])
      .describe('Query parameters that choose a page rather than speak of a field.'),
    expandParameter: words.text
      .optional()
      .describe('Parameter that asks for more of the answer, by the path of the member.'),
    errorMembers: words.names
      .default(['error.type', 'error.code', 'error.message', 'error.param', 'code', 'message', 'status'])
      .describe('What of an error answer is shown to callers who may see only some fields.'),
    secrets: z
      .array(
        z.strictObject({
          methods: z.array(words.method).min(1).optional(),
          path: words.resource,
          members: words.names.default([]).describe('The members that hold secrets.'),
        }),
      )
      .default([])
      .describe('Resources whose answers hold secrets: refused unless a rule names them, without `*` or `:name`.'),
    resources: z
      .array(
        z.strictObject({
          methods: z.array(words.method).min(1),
          path: z.union([words.resource, z.array(words.resource).min(1)], {
            error: 'must be a path such as /v1/customers/:id',
          }),
        }),
      )
      .default([])
      .describe(
        'The paths that the API has, and their methods. Of what a rule is about, OpenAPI and the API page then show these only. Whether a request is allowed does not depend on them.',
      ),
    probe: words.text
      .refine((path) => path.startsWith('/'), 'must be a path')
      .optional()
      .describe('Path of a harmless GET that proves the credential, for `directus-gateway check`.'),
    rules: z.array(ruleSchema(words)).describe('The first that matches decides; none: refused.'),
  });
}

/** gateway.yaml. What each upstream needs is asked for when it is known what it builds on. */
export const fileSchema = z.strictObject({
  upstreams: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** The first segment of an upstream's routes. */
export const upstreamName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be named in lower case letters, digits, "-" and "_"');

const credentialSchema = ({ secret, text, filled, credentialHeader, headerValue }: Vocabulary) =>
  z
    .union(
      [
        z.strictObject({ bearer: secret.describe('`Authorization: Bearer …`') }),
        z.strictObject({
          basic: z
            .union([z.strictObject({ user: filled, password: secret }), z.strictObject({ user: secret })], {
              error: 'must have a user, and a password unless the user is the secret',
            })
            .describe('`Authorization: Basic …`'),
        }),
        z.strictObject({
          header: z
            .strictObject({
              name: credentialHeader,
              scheme: headerValue.optional().describe('Word before the value: `Authorization: Token …`'),
              value: secret,
            })
            .describe('A header of the given name.'),
        }),
        z.strictObject({
          query: z.strictObject({ name: text, value: secret }).describe('A query parameter of the given name.'),
        }),
      ],
      { error: 'must be one of bearer, basic, header, query' },
    )
    .describe('How the gateway proves itself. Secrets come from variables.');

/** Members by their own name, wherever they stand. */
const memberNames = ({ text }: Vocabulary) =>
  z.array(text.refine((name) => /^[\w-]+$/.test(name), 'must be the name of a member, without those around it'));

const requestHeadersSchema = ({ harmlessHeader, headerName, headerValue }: Vocabulary) =>
  z
    .strictObject({
      allow: z.array(harmlessHeader).default([]).describe('Headers of callers that reach it beyond the harmless ones.'),
      drop: z.array(headerName).default([]).describe('Harmless ones that do not reach it.'),
      set: z
        .record(harmlessHeader, headerValue)
        .default({})
        .describe("Sent with every request, instead of the caller's."),
    })
    .prefault({});

const listSchema = ({ text, names }: Vocabulary) =>
  z
    .strictObject({
      marks: z
        .array(z.strictObject({ member: text, values: names.optional() }))
        .describe('A list has one of these members, with one of these values.'),
      items: text.describe('Name of the member with the items; `*`: every array.'),
      envelope: names.describe('What else of a list is shown to callers who may see only some fields.'),
    })
    .default({ marks: [], items: '*', envelope: [] })
    .describe('How an answer with several items looks.');

function rowSchema({ collection, optionalText }: Vocabulary) {
  const source = z.union(
    [
      z.strictObject({ path: z.string().describe('The `:name` of a segment of the path.') }),
      z.strictObject({ query: z.string().describe('A query parameter.') }),
      z.strictObject({ body: z.string().describe('A parameter of the body.') }),
    ],
    { error: 'must be a path, a query or a body, with a name' },
  );
  return z.strictObject({
    collection: collection.optional().describe("Collection of the rows; the rule's own where it is left out."),
    field: optionalText.describe(
      'Field of the rows that holds what the request names. Empty: as if there were no row.',
    ),
    from: z
      .union([z.literal('each-item'), z.array(source).min(1)], {
        error: 'must be a list of places, or each-item for an operation',
      })
      .describe('Where the request names it. Every place that names something counts.'),
  });
}

const budgetKey = z
  .enum(budgetKeys, { error: `must be one of ${budgetKeys.join(', ')}` })
  .default('user')
  .describe('Each user has their own, all of one role share one, or all callers do.');

const destinationsSchema = ({ text, count, span }: Vocabulary) =>
  z
    .strictObject({
      parameter: text.describe('The parameter that names telephone numbers, such as `To`.'),
      prefixes: z
        .array(
          text.refine((prefix) => /^([a-z]+:)?\+\d{1,15}$/.test(prefix), 'must be such as "+49" or "whatsapp:+49"'),
        )
        .min(1)
        .optional()
        .describe('What each must begin with: `+49`, or `whatsapp:+49`. All where it is left out.'),
      points: count.optional().describe('How many distinct ones in the span `per`.'),
      per: span.optional(),
      key: budgetKey,
    })
    .describe('Where messages and calls may go: `{ parameter: To, prefixes: ["+49"], points: 20, per: 1d }`.');

function ruleSchema(words: Vocabulary) {
  const { text, names, path, method, collection, bodyForm, optionalText } = words;
  const filling = z.strictObject({
    parameter: text.describe('The parameter that is filled in.'),
    value: optionalText.describe('What it is filled in with. Empty: as if it were not written.'),
    unless: names.describe('Parameters of which the caller must have sent none.'),
  });
  return z
    .strictObject({
      methods: z.array(method).min(1).optional().describe('All where it is left out.'),
      path: z
        .union([path, z.array(path).min(1)], { error: 'must be a path such as /v1/customers/:id or /v1/files/*' })
        .describe(
          'Segment by segment: a literal, `name.*` for it with or without an extension, `:name` for any one, a final `*` for one or more. A list stands for as many rules.',
        ),
      deny: text.optional().describe('Refuses, for this reason, which the log and explain show.'),
      collection: collection.optional().describe('The Directus collection whose permissions decide.'),
      action: z
        .enum(actions, { error: `must be one of ${actions.join(', ')}` })
        .optional()
        .describe('The action that is needed; without it the one that the method stands for.'),
      row: rowSchema(words).optional().describe('Makes item rules of permissions count, by tying requests to rows.'),
      public: z.boolean().optional().describe('Callers without a token have what Directus grants to the public.'),
      defaults: z.array(filling).default([]).describe('What a form body is completed with.'),
      operation: z.enum(operationNames).optional().describe('An answer that the gateway composes itself.'),
      writeBack: optionalText.describe('Field of the collection that receives the id of what an operation creates.'),
      host: text.optional().describe("The entry of the upstream's `hosts` that it goes to."),
      body: bodyForm.optional().describe("Instead of the upstream's `body`."),
      forbidParameters: names.optional().describe("Beside the upstream's `forbidParameters`."),
      allowValues: z
        .record(z.string(), z.array(words.filled))
        .optional()
        .describe(
          'Parameters that may be sent with these values only, or with none: `{ From: ["${TWILIO_PHONE_NUMBER}"] }`.',
        ),
      budget: z
        .strictObject({ points: words.count, per: words.span, key: budgetKey })
        .optional()
        .describe('How many requests it lets through: `{ points: 100, per: 1h, key: user }`.'),
      destinations: destinationsSchema(words).optional(),
      links: memberNames(words).optional().describe("Instead of the upstream's `links`."),
      fields: names.optional().describe('Parameters that `init` makes fields of, for permissions to be limited to.'),
      stream: z
        .boolean()
        .optional()
        .describe('The answer may take as long as it likes: `limits.total` does not count.'),
      optional: z.boolean().optional().describe('`init` creates the collection only when it is asked for by name.'),
    })
    .describe('What is needed for some requests. The first rule that matches decides; none: refused.');
}
