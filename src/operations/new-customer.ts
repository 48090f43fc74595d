import { z } from 'zod';
import { GatewayError, invalidPayload } from '../errors/gateway-error.ts';
import { parseJson } from '../prepare/form.ts';
import { mediaType } from '../prepare/read-body.ts';

const schema = z.strictObject({
  email: z.string({ error: 'must be text' }).min(1),
  name: z.string({ error: 'must be text' }).optional(),
  item: z
    .union([z.string().regex(/^(?!\.{1,2}$)./s), z.int()])
    .transform(String)
    .optional(),
});

export type NewCustomer = {
  readonly email: string;
  readonly name?: string;
  /** Key of the item in STRIPE_CUSTOMERS_COLLECTION that the customer is for. */
  readonly item?: string;
};

/**
 * The body of `POST /stripe/customers`, JSON or form.
 * @throws GatewayError INVALID_PAYLOAD, naming the parameter; UNSUPPORTED_MEDIA_TYPE
 */
export function newCustomer(body: string, contentType: string | undefined): NewCustomer {
  const parsed = schema.safeParse(parse(body, mediaType(contentType)));
  if (parsed.success) {
    const { email, name, item } = parsed.data;
    return { email, ...(name !== undefined && { name }), ...(item !== undefined && { item }) };
  }
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys')
    throw invalidPayload(`"${issue.keys[0]}" is not allowed; use /stripe/v1/customers`);
  if (issue?.path[0] === 'name') throw invalidPayload('"name" must be text');
  if (issue?.path[0] === 'item') throw invalidPayload('"item" must be the key of an item');
  throw invalidPayload('"email" is required');
}

function parse(body: string, type: string): unknown {
  switch (type) {
    case 'application/json':
      return parseJson(body);
    case 'application/x-www-form-urlencoded': {
      const form = [...new URLSearchParams(body)];
      const names = new Set(form.map(([name]) => name));
      if (names.size < form.length) throw invalidPayload('A parameter is given twice');
      return Object.fromEntries(form);
    }
    default:
      throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', { message: 'The body must be JSON or a form.' });
  }
}
