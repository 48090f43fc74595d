import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { z } from 'zod';
import { directusAnswers, upstreamAnswer } from '../answers.ts';

// The upstream and the stand-in for Directus of a machine without nginx.
const { upstream, overTls, directus, tls } = z
  .object({
    upstream: z.number(),
    overTls: z.number(),
    directus: z.number(),
    tls: z.object({ key: z.string(), cert: z.string() }).optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const keepAliveTimeout = 600_000;
const known = new Map(Object.entries(directusAnswers));
const answerUpstream = answering(() => upstreamAnswer);

createServer({ keepAliveTimeout }, answerUpstream).listen(upstream, '127.0.0.1');
if (tls) createTlsServer({ ...tls, keepAliveTimeout }, answerUpstream).listen(overTls, '127.0.0.1');
createServer(
  { keepAliveTimeout },
  answering((path) => known.get(path)),
).listen(directus, '127.0.0.1');

function answering(bodyOf: (path: string) => string | undefined): RequestListener {
  return (request, response) => {
    const body = bodyOf(request.url?.split('?')[0] ?? '');
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' }).end(body);
  };
}
