import { createServer } from 'node:http';
import { upstreamAnswer } from '../answers.ts';

// An upstream whose events stop after the first: `node silent-streams.ts <port>`. Other paths get the kilobyte.
createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  if (request.url?.startsWith('/v1/events') !== true) {
    response.setHeader('Content-Type', 'application/json').end(upstreamAnswer);
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write('data: {"at":0}\n\n');
}).listen(Number(process.argv[2]), '127.0.0.1', 4_096);
