import { createServer } from 'node:net';
import { afterAll, expect, it } from '@jest/globals';
import pino from 'pino';
import { createLimitCounts } from '../../../src/limit/counts.ts';
import { connectRedis } from '../../../src/limit/redis.ts';
import { listen } from '../../world/listen.ts';
import { poll } from '../../world/poll.ts';

/** Says what it is told to echo, but once something that is no answer of Redis at all. */
let garbled = 0;
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    for (const question of chunk.toString('latin1').split(/(?=^\*)/m)) {
      const isEcho = question.includes('ECHO');
      const said = question.split('\r\n').at(-2) ?? '';
      if (said === 'garbled') garbled += 1;
      socket.write(isEcho && said === 'garbled' ? '\0{"' : `+${isEcho ? said : 'OK'}\r\n`);
    }
  });
});
const { port, stop } = await listen(server);
const redis = connectRedis({
  url: `redis://127.0.0.1:${port}`,
  logger: pino({ level: 'silent' }),
  counts: createLimitCounts(),
  timeoutMs: 100,
  restMs: 1,
});
afterAll(async () => {
  redis.close();
  await stop();
});

const echo = (text: string): Promise<string> => redis.ask((client) => client.echo(text));

it('a question is never answered with what another was answered, also after an answer that made no sense', async () => {
  redis.start();
  expect(await echo('first')).toBe('first');
  await expect(echo('garbled')).rejects.toThrow();
  expect(garbled).toBe(1);

  const answers: string[] = [];
  await poll('Redis is asked again', async () => {
    const asked = ['one', 'two', 'three'].map((text) => echo(text).catch(() => 'none'));
    answers.splice(0, 3, ...(await Promise.all(asked)));
    return !answers.includes('none');
  });
  expect(answers).toEqual(['one', 'two', 'three']);
});
