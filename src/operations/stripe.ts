import Stripe from 'stripe';
import { GatewayError, invalidPayload } from '../errors/gateway-error.ts';
import { readBody } from '../prepare/read-body.ts';
import { separateByCaller } from '../prepare/request-headers.ts';
import type { StripeSettings } from '../upstreams/stripe.ts';
import type { OperationName } from '../upstreams/upstream.ts';
import { newCustomer } from './new-customer.ts';
import type { Call, Operation, Operations } from './operation.ts';
import { type Page, streamList } from './stream-list.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

/**
 * The routes that the original guides had, through the official client.
 * @param maxBytes MAX_PAYLOAD_SIZE
 */
export function stripeOperations(settings: StripeSettings, maxBytes: number): Operations {
  const client = connect(settings);

  const listAll = (list: List) => async (call: Call) => {
    if (call.query !== '') throw invalidPayload('This list takes no parameters; the lists below /stripe/v1 do');
    await streamList(() => pageOf((cursor) => list(cursor, call)), call.response);
  };

  const createCustomer = async ({ request, response, accountability }: Call) => {
    const params = newCustomer(await readBody(request, maxBytes), request.headers['content-type']);
    const key = request.headers['idempotency-key'];
    const options = typeof key === 'string' ? { idempotencyKey: separateByCaller(key, accountability) } : {};
    const customer = await client.customers.create(params, options).catch(fail);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Cache-Control', 'private, no-store');
    response.end(JSON.stringify(customer));
  };

  return new Map<OperationName, Operation>([
    ['list-payments', listAll((cursor) => client.paymentIntents.list(cursor))],
    [
      'list-customer-payments',
      listAll((cursor, call) => client.paymentIntents.list({ ...cursor, ...customerOf(call) })),
    ],
    ['list-customers', listAll((cursor) => client.customers.list(cursor))],
    ['create-customer', createCustomer],
  ]);
}

const customerOf = ({ parameters }: Call) => ({ customer: parameters.get('customer_id') ?? '' });

function connect({ origin, secretKey }: StripeSettings): Stripe {
  const { protocol, hostname, port } = new URL(origin);
  return new Stripe(secretKey.revealFor(origin), {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    telemetry: false,
  });
}

type Cursor = { limit: number; starting_after?: string };
type List = (cursor: Cursor, call: Call) => Promise<{ data: { id: string }[]; has_more: boolean }>;

const pageSize = 100; // the most that Stripe gives

/** One page and the way to the next. A cursor that does not move on is an error, not an endless list. */
async function pageOf(list: (cursor: Cursor) => ReturnType<List>, after?: string): Promise<Page> {
  const { data, has_more } = await list({
    limit: pageSize,
    ...(after !== undefined && { starting_after: after }),
  }).catch(fail);
  const last = data.at(-1)?.id;
  if (!has_more) return { items: data, next: undefined };
  if (last === undefined || last === after)
    throw new GatewayError('UPSTREAM_UNREACHABLE', { logReason: 'cursor_stuck' });
  return { items: data, next: () => pageOf(list, last) };
}

/** Stripe's errors as they came, save those about the gateway's own key, which quote it. */
function fail(error: unknown): never {
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const { statusCode: status, raw, requestId } = error;
  if (error instanceof Stripe.errors.StripeConnectionError || status === undefined) {
    throw new GatewayError('UPSTREAM_UNREACHABLE', { cause: error });
  }
  if (status === 401 || status === 403) throw new GatewayError('UPSTREAM_CREDENTIAL_REJECTED');
  const { headers: _headers, statusCode: _statusCode, requestId: _requestId, ...body } = Object(raw);
  throw new UpstreamAnswer(status, { error: body }, requestId === undefined ? {} : { 'Request-Id': requestId });
}
