import type { ServerResponse } from 'node:http';
import type { Cut } from '../answer/cut.ts';
import type { NotedWrite } from '../audit/note-write.ts';
import type { Caller } from '../authenticate/authenticate.ts';
import type { Grant } from '../authorize/authorize.ts';
import type { BodySource } from '../prepare/read-body.ts';
import type { OperationName } from '../upstreams/upstream.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

/** An admitted call of a route that the gateway composes itself. */
export type Call = {
  readonly source: BodySource;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly grant: Grant;
  /** What the caller sees of the upstream's answers; undefined: everything. */
  readonly cut: Cut | undefined;
  /** Without the caller's token. */
  readonly query: string;
  /** Told of what is sent and created; undefined for reads, and where nobody wants to know. */
  readonly write?: NotedWrite | undefined;
  /** Told when the upstream may have received anything; undefined where nobody wants to know. */
  readonly onReceived?: (() => void) | undefined;
};

/** Answers the call. Rejects with a GatewayError or an UpstreamAnswer while nothing has been answered. */
export type Operation = (call: Call) => Promise<void>;

export type Operations = ReadonlyMap<OperationName, Operation>;

/** Begins an answer of the gateway's own making: JSON for this caller only. */
export function startJson(response: ServerResponse): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Cache-Control', 'private, no-store');
}

/** Answers the call by the operation that its rule names; an error of the upstream's is cut as an answer is. */
export async function operate(operations: Operations, name: OperationName, call: Call): Promise<void> {
  const { cut } = call;
  const operation = operations.get(name);
  if (operation === undefined) throw new Error(`A rule names the operation ${name}, which is not there.`);
  await operation(call).catch((error: unknown) => {
    if (cut === undefined || !(error instanceof UpstreamAnswer)) throw error;
    throw new UpstreamAnswer(error.status, cut.error(error.body), error.headers);
  });
}
