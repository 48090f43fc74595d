import { createServer } from 'node:http';
import { afterAll } from '@jest/globals';
import { errorBody } from '../../src/edge/error-body.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { json } from '../world/answers.ts';
import { listen } from '../world/listen.ts';
import type { RecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { tokens, type World } from '../world/world.ts';

/** Where a client goes, with which token. */
export type Access = { readonly url: string; readonly token: string };

/** What the gateway itself says no with. */
export type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** @param upstreams those that the client may reach */
  readonly arrange: (world: World, upstreams?: readonly RecordingUpstream[]) => Access;
};

/** The refusals that every client must make an error of its own kind of. */
export const refusals: readonly Refusal[] = [
  {
    status: 401,
    code: 'INVALID_CREDENTIALS',
    message: 'Invalid user credentials.',
    arrange: ({ gateway }) => ({ url: gateway.url, token: 'canaryTokenOfNobodyKnown' }),
  },
  {
    status: 403,
    code: 'FORBIDDEN',
    message: "You don't have permission to access this.",
    arrange: ({ gateway }) => ({ url: gateway.url, token: tokens.nobody }),
  },
  {
    status: 502,
    code: 'UPSTREAM_CREDENTIAL_REJECTED',
    message: "The upstream refused the gateway's own credential.",
    arrange: ({ gateway, stripe, twilio }, upstreams = [stripe, twilio]) => {
      for (const upstream of upstreams) upstream.answerWith((_request, response) => json(response, 401, {}));
      return { url: gateway.url, token: tokens.admin };
    },
  },
  {
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    message: 'Service "directus" is unavailable.',
    arrange: ({ gateway, directus }) => {
      directus.answerWith((_request, response) => response.destroy());
      return { url: gateway.url, token: `${tokens.admin}NotAskedYet` };
    },
  },
];

/** How many answers have been given to callers since the test began. */
export const answersOf = ({ gateway }: World): number => gateway.wire.sent().match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;

/** A gateway at which an upstream is off. */
export async function startWithout(world: World, prefix: 'STRIPE_' | 'TWILIO_'): Promise<Access> {
  const kept = Object.entries(world.environment).filter(([name]) => !name.startsWith(prefix));
  const gateway = await startGateway(Object.fromEntries(kept));
  afterAll(() => gateway.stop());
  return { url: gateway.url, token: tokens.admin };
}

/** A gateway that lets nobody through any more today: its own 429, in the form of its other errors. */
export async function startTooBusy(): Promise<{ readonly url: string; answers(): number }> {
  let answers = 0;
  const server = createServer((request, response) => {
    answers += 1;
    request.resume();
    const error = Object.assign(new GatewayError('SERVICE_UNAVAILABLE', { message: tooBusy }), { status: 429 });
    response.setHeader('Retry-After', '1');
    json(response, 429, errorBody(error, true));
  });
  const { origin, stop } = await listen(server);
  afterAll(stop);
  return { url: origin, answers: () => answers };
}

export const tooBusy = 'Too many requests, retry after 1s.';
