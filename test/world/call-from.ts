import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type Call = {
  readonly path: string;
  /** One of this machine's, such as 127.0.0.2. */
  readonly from: string;
  readonly headers?: Record<string, string | string[]>;
};

export type Answered = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: string };

/** Asks from an address of the test's choice, on a connection of its own. */
export async function callFrom(url: string, { path, from, headers = {} }: Call): Promise<Answered> {
  const outgoing = request(url + path, { agent: false, localAddress: from, headers });
  outgoing.end();
  const [answer]: IncomingMessage[] = await once(outgoing, 'response');
  if (answer === undefined) throw new Error('There is no answer.');
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}

/** Keeps its connections, which come from this address. */
export const agentFrom = (localAddress: string): Agent => new Agent({ keepAlive: true, localAddress });
