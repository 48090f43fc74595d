import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { maxAnswerBytes } from '../../src/answer/read-answer.ts';
import type { Answer } from '../world/recording-upstream.ts';
import { as, useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const caller = supertest(world.gateway.url);
const get = () => caller.get('/stripe/v1/customers').set(as(tokens.fields));

const secret = 'unseen-1'; // short enough to be quoted whole by a parser's complaint
const body = JSON.stringify({ id: 'cus_1', name: secret });
const large = JSON.stringify({ id: 'cus_1', name: secret, filler: 'x'.repeat(maxAnswerBytes) });
const type = { 'Content-Type': 'application/json' };
const answering =
  (headers: Record<string, string>, content: string | Buffer, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(content);

describe('an answer that cannot be cut is refused with 502, and nothing of it reaches the caller', () => {
  const answers: [string, Answer][] = [
    ['HTML', answering({ 'Content-Type': 'text/html' }, body)],
    ['text that is JSON', answering({ 'Content-Type': 'text/plain' }, body)],
    ['no type', answering({}, body)],
    ['events', answering({ 'Content-Type': 'text/event-stream' }, `data: ${body}\n\n`)],
    ['lines of JSON', answering({ 'Content-Type': 'application/jsonlines' }, `${body}\n${body}`)],
    ['half of it', answering(type, body.slice(0, -3))],
    ['what is no JSON from its first letter', answering(type, secret)],
    ['an unknown compression', answering({ ...type, 'Content-Encoding': 'zstd' }, body)],
    ['two compressions', answering({ ...type, 'Content-Encoding': 'gzip, gzip' }, gzipSync(gzipSync(body)))],
    ['a compression that it does not have', answering({ ...type, 'Content-Encoding': 'gzip' }, body)],
    ['a broken compression', answering({ ...type, 'Content-Encoding': 'gzip' }, gzipSync(body).subarray(0, -9))],
    ['too much', answering(type, large)],
    ['too much once it is unpacked', answering({ ...type, 'Content-Encoding': 'gzip' }, gzipSync(large))],
    ['an error page', answering({ 'Content-Type': 'text/html' }, body, 500)],
  ];

  it.each(answers)('%s', async (_what, answer) => {
    world.stripe.answerWith(answer);
    const told = await get();

    expect([told.status, told.body.errors[0].extensions.code]).toEqual([502, 'UPSTREAM_ANSWER_UNREADABLE']);
    expect(world.gateway.wire.sent() + world.gateway.logs()).not.toContain(secret);
    const line = await world.gateway.logged(
      ({ requestId, status }) => requestId === told.headers['x-request-id'] && status !== undefined,
    );
    expect(line).toMatchObject({ status: 502, code: 'UPSTREAM_ANSWER_UNREADABLE' });
  });

  it('what breaks off in the middle breaks the caller’s connection, and nothing of it is answered', async () => {
    world.stripe.answerWith((_request, response) => {
      response.writeHead(200, { ...type, 'Content-Length': body.length + 5 });
      response.write(body, () => response.destroy());
    });

    await expect(get()).rejects.toThrow('socket hang up');
    expect(world.gateway.wire.sent()).toBe('');
  });

  it('but the caller’s next request is answered', async () => {
    world.stripe.answerWith(answering({ 'Content-Type': 'text/html' }, large));
    await get();
    world.stripe.answerWith(answering(type, body));

    expect((await get()).body).toEqual({ id: 'cus_1' });
  });

  it('and a caller who may see every field gets it as it comes', async () => {
    world.stripe.answerWith(answering({ 'Content-Type': 'text/html' }, body));
    const told = await caller.get('/stripe/v1/customers').set(as(tokens.reader));

    expect([told.status, told.text]).toEqual([200, body]);
  });
});
