import { afterAll } from '@jest/globals';
import { json } from '../world/answers.ts';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { startGateway } from '../world/start-gateway.ts';
import { accountSid, startWorld, tokens, type World } from '../world/world.ts';

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

/** A gateway at which the caller has as many requests under way as they may, and which says so to every further one. */
export async function startTooBusy(): Promise<{ readonly url: string; answers(): number }> {
  const hung = await startRecordingUpstream();
  hung.answerWith(() => undefined);
  const variables = {
    STRIPE_API_URL: hung.origin,
    TWILIO_API_URL: hung.origin,
    OPENAI_API_URL: hung.origin,
    OPENAI_API_KEY: 'canaryOpenAiKey',
  };
  const world = await startWorld(variables, { config: oneEach });
  const over = new AbortController();
  afterAll(async () => {
    over.abort();
    await world.stop();
    await hung.stop();
  });
  const paths = [
    '/stripe/v1/customers',
    `/twilio/2010-04-01/Accounts/${accountSid}/Messages.json`,
    '/openai/v1/models',
  ];
  for (const path of paths) {
    const headers = { Authorization: `Bearer ${tokens.admin}` };
    fetch(world.gateway.url + path, { headers, signal: over.signal }).catch(() => undefined);
  }
  await hung.arrived(paths.length);
  return { url: world.gateway.url, answers: () => answersOf(world) };
}

const oneEach = `
upstreams:
  stripe: { limits: { openPerCaller: 1 } }
  twilio: { limits: { openPerCaller: 1 } }
  openai:
    origin: \${OPENAI_API_URL}
    plaintext: loopback
    credential: { bearer: "\${OPENAI_API_KEY}" }
    limits: { openPerCaller: 1 }
    rules: [{ path: /v1/*, collection: messages }]
`;

export const tooBusy = 'Too many requests, retry after 1s.';
