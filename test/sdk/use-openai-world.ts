import { afterAll, afterEach, beforeEach, expect } from '@jest/globals';
import OpenAI, { type ClientOptions } from 'openai';
import { type RecordingUpstream, startRecordingUpstream } from '../world/recording-upstream.ts';
import { useWorld } from '../world/use-world.ts';
import type { World } from '../world/world.ts';

export const openaiKey = 'sk-proj-canaryOpenAiKey0123456789';

/** What one writes into gateway.yaml to have OpenAI behind the gateway. */
const config = `
upstreams:
  openai:
    origin: \${OPENAI_API_URL:-https://api.openai.com}
    plaintext: loopback
    credential: { bearer: "\${OPENAI_API_KEY}" }
    body: json
    idempotencyHeader: Idempotency-Key
    list: { marks: [{ member: object, values: [list] }], items: data, envelope: [object, first_id, last_id, has_more] }
    pageParameters: [limit, after, order]
    errorMembers: [error.message, error.type, error.code, error.param]
    rules:
      - { path: [/v1/chat/completions, /v1/chat/completions/*], collection: messages }
`;

/** A world with one more upstream, which is declared: OpenAI, played by an API that keeps everything it is sent. */
export async function useOpenAiWorld(): Promise<World & { readonly openai: RecordingUpstream }> {
  const openai = await startRecordingUpstream();
  const variables = { OPENAI_API_URL: openai.origin, OPENAI_API_KEY: openaiKey };
  const world = await useWorld(variables, { config });
  beforeEach(() => openai.reset());
  afterEach(() => expect(openai.wire.received().match(/canary(?!OpenAiKey)\w*/g)).toBeNull());
  afterAll(() => openai.stop());
  return { ...world, openai };
}

/** OpenAI's own client behind the gateway's path `/openai`. It knows no other key than the Directus token. */
export const openAiBehind = (gateway: string, directusToken: string, more: ClientOptions = {}): OpenAI =>
  new OpenAI({ baseURL: `${gateway}/openai/v1`, apiKey: directusToken, ...more });
