import { isListed } from '../authorize/fields.ts';
import type { Directus } from '../directus/directus.ts';
import type { Named } from '../prepare/parameters.ts';
import { readBody } from '../prepare/read-body.ts';
import { separateByCaller } from '../prepare/request-headers.ts';
import { requirePermitted, unlistedFields } from '../prepare/weigh-parameters.ts';
import { underRule } from '../upstreams/under-rule.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { type NewCustomer, newCustomer } from './new-customer.ts';
import { type Call, type Operation, startJson } from './operation.ts';
import { type ClientFor, passOnFailure } from './stripe-client.ts';
import { prepareWriteBack } from './write-back.ts';

export type CreateCustomerParts = {
  readonly clientFor: ClientFor;
  readonly upstream: Upstream;
  readonly directus: Directus;
};

/**
 * Creates a customer and answers Stripe's object. Where the caller names an item of the collection, the customer's id
 * is written to it with the caller's own token, which is made sure of before anything is created.
 */
export const createCustomer =
  ({ clientFor, upstream, directus }: CreateCustomerParts): Operation =>
  async (call) => {
    const { source, response, caller, grant, cut, write } = call;
    const { item, ...params } = newCustomer(await readBody(source), source.request.headers['content-type']);
    requirePermitted(namedBy(params), underRule(upstream, grant.rule));
    const unlisted = Object.keys(params).filter((name) => !isListed(grant.fields, [name]));
    if (unlisted.length > 0) throw unlistedFields(unlisted, grant);

    const writeBack = item === undefined ? undefined : await prepareWriteBack(directus, caller, grant, item);
    const idempotencyKey = keyOf(call, item, params);
    write?.sending();
    const customer = await clientFor(call)
      .rawRequest(
        'POST',
        '/v1/customers',
        { ...grant.presets, ...params },
        { maxNetworkRetries: 0, ...(idempotencyKey !== undefined && { idempotencyKey }) },
      )
      .catch(passOnFailure);
    write?.created(customer, customer.lastResponse.requestId);
    const shown = cut === undefined ? customer : cut.answer(customer);
    await writeBack?.(customer, shown);

    startJson(response);
    response.end(JSON.stringify(shown));
  };

const namedBy = (params: object): Named => ({
  query: [],
  body: Object.entries(params).map(([name, value]) => ({ name, path: [name], value: String(value) })),
});

/** The caller's key; for an item without one, a key that stays the same while the request does. */
function keyOf(
  { source, caller, grant }: Call,
  item: string | undefined,
  params: Omit<NewCustomer, 'item'>,
): string | undefined {
  const key = source.request.headers['idempotency-key'];
  if (typeof key === 'string') return separateByCaller(key, caller.accountability);
  if (item === undefined) return undefined;
  return separateByCaller(JSON.stringify([grant.collection, item, params]), caller.accountability);
}
