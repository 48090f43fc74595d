import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listen } from './listen.ts';

export type LoadBalancer = {
  readonly url: string;
  stop(): Promise<void>;
};

/**
 * A plain load balancer: in turn, over connections that it keeps, to those whose /server/health says 200. It never tries
 * a second one: what fails is a 502.
 */
export async function startLoadBalancer(origins: readonly string[], checkEveryMs: number): Promise<LoadBalancer> {
  const agent = new Agent({ keepAlive: true });
  const healthy = new Set(origins);
  let turn = 0;

  const next = (): string | undefined => {
    const sound = origins.filter((origin) => healthy.has(origin));
    turn += 1;
    return sound[turn % sound.length];
  };

  const check = (origin: string) => {
    const question = request(`${origin}/server/health`, { agent: false, timeout: 1_000 });
    question.on('response', (answer) => {
      answer.resume();
      if (answer.statusCode === 200) healthy.add(origin);
      else healthy.delete(origin);
    });
    question.on('timeout', () => question.destroy());
    question.on('error', () => healthy.delete(origin));
    question.end();
  };
  const checks = setInterval(() => origins.forEach(check), checkEveryMs);

  const pass = (incoming: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const origin = next();
    if (origin === undefined) return fail(response, 503);
    const { method, url: path, headers } = incoming;
    const { connection: _ofThisHop, ...passed } = headers;
    const outgoing = request(origin, { agent, method, path, headers: passed });
    outgoing.on('response', (answer) => {
      const { connection: _own, 'keep-alive': _too, 'transfer-encoding': _framing, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, rest);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    outgoing.on('error', () => fail(response, 502));
    outgoing.end(body);
  };

  const server = createServer(async (incoming, response) => {
    pass(incoming, response, await buffer(incoming));
  });
  const { origin: url, stop } = await listen(server);
  return {
    url,
    stop: async () => {
      clearInterval(checks);
      agent.destroy();
      await stop();
    },
  };
}

function fail(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status).end();
}
