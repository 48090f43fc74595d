import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { forbid, json, refuse } from './answers.ts';
import { listen } from './listen.ts';
import { type StubFeed, startStubFeed } from './stub-feed.ts';
import { answerAboutItems, type ItemCall, type StubUser } from './stub-items.ts';
import { answerService, type StubService } from './stub-service.ts';
import { createStubWritten } from './stub-written.ts';
import { until } from './until.ts';
import { type Wire, wiretap } from './wiretap.ts';

/**
 * A stand-in for Directus where a test needs it slow, broken or odd; its answers have the form that a real one gave.
 * What only a real Directus can show is in test/live.
 */
export type StubDirectus = {
  readonly url: string;
  /**
   * What it was asked on behalf of callers or to see whether it lives. Left out: whether it is a Directus 10, which the
   * gateway asks for itself, without a token and without a caller's address, at any time after its start.
   */
  readonly asked: { path: string; token: string | undefined; address: string | undefined }[];
  /** What it was asked about rows. */
  readonly itemCalls: readonly ItemCall[];
  readonly users: Map<string, StubUser>;
  readonly service: StubService;
  readonly feed: StubFeed;
  readonly wire: Wire;
  /** Replaces every answer, until reset. */
  answerWith(answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Answers as ever, to be called from a replaced answer. */
  answerAsDirectus(request: IncomingMessage, response: ServerResponse): void;
  /** Resolves when it has been asked this many questions. */
  arrived(count: number): Promise<void>;
  reset(): void;
  stop(): Promise<void>;
};

export async function startStubDirectus(port?: number): Promise<StubDirectus> {
  const users = new Map<string, StubUser>();
  const asked: StubDirectus['asked'] = [];
  const itemCalls: ItemCall[] = [];
  const service: StubService = {
    token: 'canaryTokenService',
    accounts: new Map(),
    publicPolicies: new Map(),
    written: createStubWritten('api_writes'),
  };
  const arrivals = until();
  const answerUser = async (user: StubUser, token: string, request: IncomingMessage, response: ServerResponse) => {
    const path = pathOf(request);
    if (path === '/permissions/me') json(response, 200, { data: user.permissions });
    else if (path === '/users/me') json(response, 200, { data: { id: user.id, role: 'role-1' } });
    else if (!(await answerAboutItems({ user, token, calls: itemCalls }, request, response)))
      refuse(response, 404, 'ROUTE_NOT_FOUND', `Route ${path} doesn't exist.`);
  };
  const answerAsDirectus = (request: IncomingMessage, response: ServerResponse): void => {
    if (pathOf(request) === '/server/ping') {
      response.setHeader('Content-Type', 'text/html').end('pong');
      return;
    }
    const token = bearer(request);
    const user = users.get(token ?? '');
    if (token === undefined) forbid(response);
    else if (token === service.token) answerService(service, request, response);
    else if (user === undefined) refuse(response, 401, 'INVALID_CREDENTIALS', 'Invalid user credentials.');
    else answerUser(user, token, request, response).catch(() => response.destroy());
  };
  let answer = answerAsDirectus;
  const server = createServer((request, response) => {
    const path = pathOf(request);
    const address = request.headers['x-forwarded-for'];
    const question = { path, token: bearer(request), address: Array.isArray(address) ? address.join() : address };
    if (!isForItself(question)) asked.push(question);
    arrivals.check();
    answer(request, response);
  });
  const feed = startStubFeed(server, (token) => token === service.token);
  const wire = wiretap(server);
  const { origin, stop } = await listen(server, port);
  return {
    url: origin,
    asked,
    itemCalls,
    users,
    service,
    feed,
    wire,
    answerAsDirectus,
    arrived: (count) => arrivals.holds(() => asked.length >= count),
    answerWith: (next) => {
      answer = next;
    },
    reset: () => {
      asked.length = 0;
      itemCalls.length = 0;
      service.written.reset();
      wire.clear();
      answer = answerAsDirectus;
    },
    stop,
  };
}

const pathOf = (request: IncomingMessage): string => request.url?.split('?')[0] ?? '';

const isForItself = ({ path, token, address }: StubDirectus['asked'][number]): boolean =>
  path === '/permissions/me' && token === undefined && address === undefined;

const bearer = (request: IncomingMessage): string | undefined =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
