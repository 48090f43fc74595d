import type { ServerResponse } from 'node:http';
import { cutter } from '../answer/cut.ts';
import type { Caller } from '../authenticate/authenticate.ts';
import type { Grant } from '../authorize/authorize.ts';
import type { BodySource } from '../prepare/read-body.ts';
import type { OperationName, Upstream } from '../upstreams/upstream.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

/** An admitted call of a route that the gateway composes itself. */
export type Call = {
  readonly source: BodySource;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly grant: Grant;
  /** Without the caller's token. */
  readonly query: string;
  /** Values of the route's `:name` segments. */
  readonly parameters: ReadonlyMap<string, string>;
};

/** Answers the call. Rejects with a GatewayError or an UpstreamAnswer while nothing has been answered. */
export type Operation = (call: Call) => Promise<void>;

export type Operations = ReadonlyMap<OperationName, Operation>;

/** Answers the call by the operation that its rule names; an error of the upstream's is cut as an answer is. */
export async function operate(
  operations: Operations,
  name: OperationName,
  call: Call,
  upstream: Upstream,
): Promise<void> {
  const { fields } = call.grant;
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`A rule names the operation ${name}, which is not there.`);
  await operation(call).catch((error: unknown) => {
    if (fields === 'all' || !(error instanceof UpstreamAnswer)) throw error;
    throw new UpstreamAnswer(error.status, cutter(fields, upstream).error(error.body), error.headers);
  });
}
