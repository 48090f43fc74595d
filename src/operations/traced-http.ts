import { toldOf, toldTo } from '../tracing/told-to.ts';
import { peerOf, type Trace } from '../tracing/trace.ts';
import { ending } from '../tracing/traced.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import type { HttpClient } from './guarded-http.ts';

/** The same client; each request, such as each page of a list, is a step of the trace, up to where its answer begins. */
export function tracedHttp(client: HttpClient, trace: Trace, upstream: Upstream): HttpClient {
  const peer = peerOf(upstream.name, upstream.origin);
  const told = toldTo(upstream);
  return {
    getClientName: () => client.getClientName(),
    makeRequest: (host, port, path, method, headers, ...rest) => {
      const step = trace.begin(peer, { method, route: undefined });
      const all = { ...headers, ...toldOf(step.headers, told) };
      const answering = client.makeRequest(host, port, path, method, all, ...rest).then((answer) => {
        step.answered(answer.getStatusCode());
        return answer;
      });
      return ending(step, answering);
    },
  };
}
