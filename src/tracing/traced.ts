import type { IncomingHttpHeaders } from 'node:http';
import { codeOf } from '../errors/code-of.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { trailOf } from '../log/trail.ts';
import type { Carry, Sendable } from '../stream/carry.ts';
import { type Told, toldOf } from './told-to.ts';
import { type Peer, type Step, traceOf } from './trace.ts';

/** The same carrying; a request that is in a trace becomes a step of it, and says so where it goes. */
export const traced =
  <Sent extends Sendable>(carry: Carry<Sent>, peer: Peer, told: Told): Carry<Sent> =>
  (outgoing, request, response, heard) => {
    const trace = traceOf(response);
    if (trace === undefined) return carry(outgoing, request, response, heard);
    const step = trace.begin(peer, { method: request.method, route: routeOf(trailOf(response).rule) });
    const headers = withTrace(outgoing.headers, step, told);
    return ending(
      step,
      carry({ ...outgoing, headers }, request, response, {
        ...heard,
        onAnswer: (answer) => {
          step.answered(answer.statusCode);
          heard.onAnswer(answer);
        },
      }),
    );
  };

/** The headers as they are; of those that are told, what this step says. */
export const withTrace = (headers: IncomingHttpHeaders, step: Step, told: Told): IncomingHttpHeaders => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !told.some((each) => each === name))),
  ...toldOf(step.headers, told),
});

/** The step ends as its work does. */
export function ending<Result>(step: Step, work: Promise<Result>): Promise<Result> {
  return work.then(
    (result) => {
      step.end();
      return result;
    },
    (error: unknown) => {
      step.end(failureOf(error));
      throw error;
    },
  );
}

/** `/v1/customers/:id` of a rule's name. */
export const routeOf = (rule: string | undefined): string | undefined => rule?.slice(rule.indexOf(' ') + 1);

/** A word of a closed set: the code of ours, or of Node. */
export function failureOf(error: unknown): string {
  if (error instanceof GatewayError) return error.code;
  const code = codeOf(error);
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,40}$/.test(code) ? code : '_OTHER';
}
