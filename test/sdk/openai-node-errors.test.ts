import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { json } from '../world/answers.ts';
import { tokens } from '../world/world.ts';
import { type Access, answersOf, refusals, startTooBusy, tooBusy } from './refusals.ts';
import { thrownBy } from './thrown-by.ts';
import { openAiBehind, useOpenAiWorld } from './use-openai-world.ts';

const world = await useOpenAiWorld();
const busy = await startTooBusy();
const question = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'Wer war Ada Lovelace?' }] };
const client = ({ url, token }: Access, maxRetries = 0) => openAiBehind(url, token, { maxRetries });
const admin: Access = { url: world.gateway.url, token: tokens.admin };

const classes = new Map<number, abstract new (...args: never[]) => Error>([
  [401, OpenAI.AuthenticationError],
  [403, OpenAI.PermissionDeniedError],
  [502, OpenAI.InternalServerError],
  [503, OpenAI.InternalServerError],
]);

/** Each way in which a program calls OpenAI. */
const calls: [string, (openai: OpenAI) => Promise<unknown>][] = [
  ['a question', (openai) => openai.chat.completions.create(question)],
  [
    'a question whose answer is to be streamed',
    (openai) => openai.chat.completions.create({ ...question, stream: true }),
  ],
  ['a list', async (openai) => await openai.chat.completions.list()],
  ['a deletion', (openai) => openai.chat.completions.delete('chatcmpl-1')],
];

describe.each(refusals)('what OpenAI’s own client throws when the gateway says $status $code', (refusal) => {
  it.each(calls)('to %s', async (_name, call) => {
    const error = await thrownBy(call(client(refusal.arrange(world, [world.openai]))));

    expect(error).toBeInstanceOf(classes.get(refusal.status));
    const message = `${refusal.status} ${refusal.message}`;
    expect(error).toMatchObject({ status: refusal.status, code: refusal.code, message });
    expect(error).toHaveProperty('requestID', expect.stringMatching(/./));
    expect(answersOf(world)).toBe(1);
  });
});

describe('OpenAI’s own client', () => {
  it('throws, with a message, when no rule covers what it asks for', async () => {
    const error = await thrownBy(client(admin).models.list());

    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(error).toHaveProperty('message', "403 You don't have permission to access this.");
    expect(world.openai.seen).toEqual([]);
  });

  it('throws, with a message, when OpenAI is not declared at the gateway', async () => {
    const nowhere = new OpenAI({ baseURL: `${world.gateway.url}/open-ai/v1`, apiKey: tokens.admin, maxRetries: 0 });
    const error = await thrownBy(nowhere.chat.completions.create(question));

    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    const sentence = "404 Route /open-ai/v1/chat/completions doesn't exist. Did you mean /openai/v1/chat/completions?";
    expect(error).toHaveProperty('message', sentence);
  });

  it.each([
    [400, OpenAI.BadRequestError],
    [404, OpenAI.NotFoundError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ] as const)('throws OpenAI’s own %i', async (status, type) => {
    const body = { error: { message: 'Says OpenAI.', type: 'some_error', code: 'some_code', param: 'model' } };
    world.openai.answerWith((_request, response) => json(response, status, body));
    const error = await thrownBy(client(admin).chat.completions.create(question));

    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      ...body.error,
      message: `${status} Says OpenAI.`,
    });
  });

  it('waits as long as OpenAI wishes after a 429, and then gets its answer', async () => {
    world.openai.answerWith((_request, response) => {
      if (world.openai.seen.length > 1)
        json(response, 200, { id: 'chatcmpl-1', object: 'chat.completion', choices: [] });
      else json(response.setHeader('Retry-After', '1'), 429, { error: { message: 'Slow down.' } });
    });
    const asked = performance.now();
    const { id } = await client(admin, 2).chat.completions.create(question);

    expect(id).toBe('chatcmpl-1');
    expect(performance.now() - asked).toBeGreaterThanOrEqual(990); // by itself it would wait for half a second at most
    expect(world.openai.seen).toHaveLength(2);
  });

  it('waits as long as the gateway wishes after its own 429, repeats as often as it is told to, and throws', async () => {
    const asked = performance.now();
    const error = await thrownBy(client({ url: busy.url, token: tokens.admin }, 1).chat.completions.create(question));

    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toHaveProperty('message', `429 ${tooBusy}`);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(990);
    expect(busy.answers()).toBe(2);
  });

  it('does not repeat what was refused', async () => {
    const error = await thrownBy(client({ ...admin, token: tokens.nobody }, 5).chat.completions.create(question));

    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(answersOf(world)).toBe(1);
  });
});
