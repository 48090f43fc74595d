import { createServer } from 'node:http';
import { directusAnswers, upstreamAnswer } from '../answers.ts';

// The upstream and the stand-in for Directus of a machine without nginx: `node surroundings.ts <port> <port>`.
const [upstreamPort, directusPort] = process.argv.slice(2).map(Number);
const known = new Map(Object.entries(directusAnswers));

serve(upstreamPort, () => upstreamAnswer);
serve(directusPort, (path) => known.get(path));

function serve(port: number | undefined, answer: (path: string) => string | undefined): void {
  const server = createServer((request, response) => {
    const body = answer(request.url?.split('?')[0] ?? '');
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' }).end(body);
  });
  server.keepAliveTimeout = 600_000;
  server.listen(port, '127.0.0.1');
}
