import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Accountability } from '../authorize/accountability.ts';
import type { OperationName } from '../upstreams/upstream.ts';

/** An admitted call of a route that the gateway composes itself. */
export type Call = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly accountability: Accountability;
  /** Query without the caller's token. */
  readonly query: string;
  /** Values of the route's `:name` segments. */
  readonly parameters: ReadonlyMap<string, string>;
};

/** Answers the call. Rejects with a GatewayError or an UpstreamAnswer while nothing has been answered. */
export type Operation = (call: Call) => Promise<void>;

export type Operations = ReadonlyMap<OperationName, Operation>;

export function requireOperation(operations: Operations, name: OperationName): Operation {
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`A rule names the operation ${name}, which is not there.`);
  return operation;
}
