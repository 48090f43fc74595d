import { createServer } from 'node:http';
import { directusAnswers } from '../answers.ts';

// The stand-in for Directus, which counts its answers: `node counting-directus.ts <port>`. GET /answered tells how many.
const known = new Map(Object.entries(directusAnswers));
let answered = 0;
createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const path = request.url?.split('?')[0] ?? '';
  if (path === '/answered') return response.end(String(answered));
  answered += 1;
  const body = known.get(path);
  return response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' }).end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
