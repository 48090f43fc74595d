import { createServer } from 'node:http';
import { upstreamAnswer } from '../answers.ts';
import { pieces } from './pieces.ts';

// An upstream of large files: `node files.ts <port>`. GET /v1/files/<bytes> answers with so many; what is posted is counted
// and thrown away. Everything else is answered with the kilobyte.
createServer((request, response) => {
  const [, bytes] = /^\/v1\/files\/(\d+)$/.exec(request.url ?? '') ?? [];
  if (request.method === 'POST') {
    let received = 0;
    request.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    request.on('end', () => response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ received })));
  } else if (bytes === undefined) response.setHeader('Content-Type', 'application/json').end(upstreamAnswer);
  else {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes });
    pieces(Number(bytes)).pipe(response);
  }
}).listen(Number(process.argv[2]), '127.0.0.1');
