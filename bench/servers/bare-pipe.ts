import { Agent, createServer, request } from 'node:http';

// The least that moves bytes both ways in Node: `node bare-pipe.ts <port> <upstream>`.
const [port, upstream = ''] = process.argv.slice(2);
const { hostname, port: upstreamPort, host } = new URL(upstream);
const agent = new Agent({ keepAlive: true });
createServer((incoming, response) => {
  const { method, url: path } = incoming;
  const headers = { ...incoming.headers, host };
  const outgoing = request({ agent, hostname, port: upstreamPort, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.once('error', () => response.destroy());
  incoming.pipe(outgoing);
}).listen(Number(port), '127.0.0.1');
