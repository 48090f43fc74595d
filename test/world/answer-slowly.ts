import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingUpstream } from './recording-upstream.ts';

/** Some answers take their time, and those to `stream_…` come in pieces. */
export const answerSlowly = (upstream: RecordingUpstream): void =>
  upstream.answerWith(async (request, response) => {
    const name = request.url?.split('/').at(-1);
    response.setHeader('Content-Type', 'application/json').write('{"object":"customer"');
    for (let piece = 0; request.url?.includes('/stream_') && piece < 5; piece += 1) {
      await sleep(100);
      response.write(`,"piece${piece}":"${'x'.repeat(1_000)}"`);
    }
    await sleep(Math.random() * 30);
    response.end(`,"id":"${name}"}`);
  });
