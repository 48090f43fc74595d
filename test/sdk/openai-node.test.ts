import { describe, expect, it } from '@jest/globals';
import type OpenAI from 'openai';
import { json } from '../world/answers.ts';
import { until } from '../world/until.ts';
import { tokens } from '../world/world.ts';
import { onceForEachKey } from './once-for-each-key.ts';
import { openAiBehind, openaiKey, useOpenAiWorld } from './use-openai-world.ts';

const world = await useOpenAiWorld();
const openai = openAiBehind(world.gateway.url, tokens.admin);

const question: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model: 'gpt-5',
  messages: [{ role: 'user', content: 'Wer war Ada Lovelace? – “Ganz kurz” 🙂' }],
};
const words = ['Die', ' erste', ' Programmiererin', '.'];
const completion = (id: string) => ({ id, object: 'chat.completion', choices: [{ index: 0, message: {} }] });
const chunk = (content: string) => {
  const value = { id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] };
  return `data: ${JSON.stringify(value)}\n\n`;
};

describe('a program with OpenAI’s own client and a Directus token', () => {
  it('reads a streamed answer word by word, each as soon as it is there', async () => {
    const read: (string | null | undefined)[] = [];
    const happened = until();
    world.openai.answerWith(async (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      for (const [index, word] of words.entries()) {
        response.write(chunk(word));
        await happened.holds(() => read.length > index); // the next word waits until this one is read
      }
      response.end('data: [DONE]\n\n');
    });
    const stream = await openai.chat.completions.create({ ...question, stream: true });
    for await (const { choices } of stream) {
      read.push(choices[0]?.delta.content);
      happened.check();
    }

    expect(read).toEqual(words);
  });

  it('stops OpenAI when it stops reading', async () => {
    const left = Promise.withResolvers<void>();
    world.openai.answerWith((_request, response) => {
      response.on('close', left.resolve);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(chunk('Die'));
    });
    const stream = await openai.chat.completions.create({ ...question, stream: true });
    for await (const { choices } of stream) {
      expect(choices[0]?.delta.content).toBe('Die');
      break;
    }

    await left.promise;
  });

  it('is thrown an error, and not handed a short answer, when the stream breaks off', async () => {
    world.openai.answerWith((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(chunk('Die'), () => response.destroy());
    });
    const stream = await openai.chat.completions.create({ ...question, stream: true });
    const read = async () => {
      for await (const _ of stream);
    };

    await expect(read()).rejects.toThrow();
  });

  it('sends its question as it is, with the gateway’s key, and cannot choose an organization', async () => {
    world.openai.answerWith((_request, response) => json(response, 200, completion('chatcmpl-1')));
    const elsewhere = { organization: 'org-of-somebody-else', project: 'proj-of-somebody-else' };
    await openAiBehind(world.gateway.url, tokens.admin, elsewhere).chat.completions.create(question);

    const [seen] = world.openai.seen;
    expect([seen?.method, seen?.target, seen?.body]).toEqual([
      'POST',
      '/v1/chat/completions',
      JSON.stringify(question),
    ]);
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${openaiKey}`,
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^OpenAI\/JS 7\./),
    });
    expect(world.openai.wire.received()).not.toMatch(/somebody-else|canaryToken/);
  });

  it('reads a list to its end, page after page', async () => {
    const all = ['chatcmpl-1', 'chatcmpl-2', 'chatcmpl-3', 'chatcmpl-4', 'chatcmpl-5'].map(completion);
    world.openai.answerWith(({ url = '' }, response) => {
      const after = new URL(url, 'http://openai.test').searchParams.get('after');
      const first = all.findIndex(({ id }) => id === after) + 1;
      json(response, 200, { object: 'list', data: all.slice(first, first + 2), has_more: first + 2 < all.length });
    });

    const read: string[] = [];
    for await (const { id } of openai.chat.completions.list({ limit: 2 })) read.push(id);
    expect(read).toEqual(all.map(({ id }) => id));
    expect(world.openai.seen.map(({ target }) => target)).toEqual([
      '/v1/chat/completions?limit=2',
      '/v1/chat/completions?limit=2&after=chatcmpl-2',
      '/v1/chat/completions?limit=2&after=chatcmpl-4',
    ]);
  });

  it('changes and deletes what is kept', async () => {
    world.openai.answerWith((_request, response) => json(response, 200, { id: 'chatcmpl-1', deleted: true }));
    await openai.chat.completions.update('chatcmpl-1', { metadata: { color: 'red' } });
    expect(await openai.chat.completions.delete('chatcmpl-1')).toMatchObject({ deleted: true });

    expect(world.openai.seen.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['POST', '/v1/chat/completions/chatcmpl-1', '{"metadata":{"color":"red"}}'],
      ['DELETE', '/v1/chat/completions/chatcmpl-1', ''],
    ]);
  });

  it('repeats a question with its idempotency key, and another caller does not get its answer', async () => {
    const once = onceForEachKey('idempotency-key', (number) => completion(`chatcmpl-${number}`));
    world.openai.answerWith(once.answer);
    const ask = async (client: OpenAI) =>
      (await client.chat.completions.create(question, { headers: { 'Idempotency-Key': 'question-1' } })).id;
    const somebodyElse = openAiBehind(world.gateway.url, tokens.creator);

    expect([await ask(openai), await ask(openai), await ask(somebodyElse)]).toEqual([
      'chatcmpl-1',
      'chatcmpl-1',
      'chatcmpl-2',
    ]);
    expect(once.keys[1]).toBe(once.keys[0]);
    expect(world.openai.wire.received()).not.toContain('question-1');
  });
});
