import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';

/** What the stub says of one token: the bodies of the two questions that the gateway asks. */
export type StubUser = {
  readonly id?: string;
  readonly permissions: Record<string, unknown>;
};

/**
 * A stand-in for Directus where a test needs it slow, broken or odd; its answers have the form that a real one gave.
 * What only a real Directus can show is in test/live.
 */
export type StubDirectus = {
  readonly url: string;
  readonly asked: { path: string; token: string | undefined; address: string | undefined }[];
  readonly users: Map<string, StubUser>;
  /** Replaces every answer, until reset. */
  answerWith(answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  reset(): void;
  stop(): Promise<void>;
};

export async function startStubDirectus(): Promise<StubDirectus> {
  const users = new Map<string, StubUser>();
  const asked: StubDirectus['asked'] = [];
  const answerAsDirectus = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url?.split('?')[0] ?? '';
    if (path === '/server/ping') {
      response.setHeader('Content-Type', 'text/html').end('pong');
      return;
    }
    const user = users.get(bearer(request) ?? '');
    if (user === undefined) refuse(response, 401, 'INVALID_CREDENTIALS', 'Invalid user credentials.');
    else if (path === '/permissions/me') json(response, 200, { data: user.permissions });
    else if (path === '/users/me') json(response, 200, { data: { id: user.id, role: 'role-1' } });
    else refuse(response, 404, 'ROUTE_NOT_FOUND', `Route ${path} doesn't exist.`);
  };
  let answer = answerAsDirectus;
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const address = request.headers['x-forwarded-for'];
    asked.push({ path, token: bearer(request), address: Array.isArray(address) ? address.join() : address });
    answer(request, response);
  });
  const { origin, stop } = await listen(server);
  return {
    url: origin,
    asked,
    users,
    answerWith: (next) => {
      answer = next;
    },
    reset: () => {
      asked.length = 0;
      answer = answerAsDirectus;
    },
    stop,
  };
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

/** An error in Directus' form. */
export const refuse = (response: ServerResponse, status: number, code: string, message: string): void =>
  json(response, status, { errors: [{ message, extensions: { code } }] });

const bearer = (request: IncomingMessage): string | undefined =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
