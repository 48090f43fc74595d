import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { findCaddy } from '../../bench/find-caddy.ts';
import { nginxArguments, nginxFrame } from '../../bench/nginx-frame.ts';
import { callDirectus, createInDirectus } from '../../demo/directus/call.ts';
import type { RunningDirectus } from '../../demo/directus/start.ts';
import type { FoundProgram } from '../world/find-program.ts';
import { newUser } from '../world/new-user.ts';
import { findNginx } from '../world/nginx.ts';
import { until } from '../world/until.ts';
import { as } from '../world/use-world.ts';
import { asShown } from './as-shown.ts';
import { type Front, type FrontProgram, useFront } from './use-front.ts';

type Named = Omit<FrontProgram, 'found'> & { readonly name: string; readonly found: FoundProgram };

const programs: Named[] = [
  {
    name: 'nginx',
    page: 'docs/recipes/behind-nginx.md',
    found: await findNginx(),
    replace: ({ gateway, port, certificate, key }) => ({
      '127.0.0.1:8056': gateway,
      'listen 443': `listen 127.0.0.1:${port}`,
      '/etc/ssl/example.com/fullchain.pem': certificate,
      '/etc/ssl/example.com/privkey.pem': key,
    }),
    around: ({ folder }) => ({ 'nginx.conf': nginxFrame(folder, `include ${folder}/example.com.conf;`) }),
    args: nginxArguments,
  },
  {
    name: 'Caddy',
    page: 'docs/recipes/behind-caddy.md',
    found: await findCaddy(),
    replace: ({ gateway, port, certificate, key }) => ({
      '127.0.0.1:8056': gateway,
      'example.com {': `{
	admin off
	auto_https disable_redirects
}
https://127.0.0.1:${port} {
	tls ${certificate} ${key}`,
    }),
    args: (folder) => ['run', '--config', `${folder}/Caddyfile`],
  },
];

describe.each(programs)('behind $name, set up as in its recipe, a caller', ({ name, found, ...program }) => {
  if ('missing' in found) {
    it.skip(`meets ${name}: ${found.missing}`, () => undefined);
    return;
  }
  const front = useFront({ ...program, found });
  let everywhere: string;
  let atOnePlace: string;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    everywhere = await tokenFor(front().directus, null);
    atOnePlace = await tokenFor(front().directus, ['127.0.0.2']);
  });
  afterAll(() => {
    for (const socket of sockets) socket.terminate();
  });

  it('gets each part of a streamed answer when it is sent, and not when all of it is there', async () => {
    const { api } = front();
    const happened = until();
    let read = '';
    api.answerWith(async (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (const [index, part] of parts.entries()) {
        response.write(part);
        await happened.holds(() => read.length >= parts.slice(0, index + 1).join('').length);
      }
      response.end();
    });
    const answer = await ask(front(), { path: '/api/events', headers: as(everywhere) });
    answer.setEncoding('utf8').on('data', (part) => {
      read += part;
      happened.check();
    });
    await once(answer, 'end');

    expect(read).toBe(parts.join(''));
  });

  it('speaks to Directus over its WebSocket', async () => {
    const { port, certificate } = front();
    const socket = new WebSocket(`wss://127.0.0.1:${port}/websocket`, { ca: certificate });
    sockets.push(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'auth', access_token: everywhere }));
    const [message] = await once(socket, 'message');

    expect(JSON.parse(String(message))).toMatchObject({ type: 'auth', status: 'ok' });
  });

  it('has their own address at the gateway and at Directus, whatever they claim', async () => {
    const from = async (localAddress: string, path: string) => {
      const headers = { ...as(atOnePlace), 'X-Forwarded-For': '127.0.0.2', 'X-Real-IP': '127.0.0.2' };
      const answer = await ask(front(), { path, localAddress, headers });
      answer.resume();
      return answer.statusCode;
    };

    expect([await from('127.0.0.2', '/api/x'), await from('127.0.0.3', '/api/x')]).toEqual([200, 403]);
    expect([await from('127.0.0.2', '/items/customers'), await from('127.0.0.3', '/items/customers')]).toEqual([
      200, 403,
    ]);
    expect(front().api.seen).toHaveLength(1);
  });

  it('sends five megabytes, of which the API has the first before the last is sent', async () => {
    const { api, port, certificate } = front();
    const begun = Promise.withResolvers<void>();
    let received = 0;
    api.answerHeadWith((incoming, response) => {
      incoming.on('data', (chunk) => {
        received += chunk.length;
        begun.resolve();
      });
      incoming.on('end', () => response.end(String(received)));
    });
    const headers = { ...as(everywhere), 'Content-Type': 'application/octet-stream', 'Content-Length': 5 * megabyte };
    const upload = request({ port, host: '127.0.0.1', ca: certificate, method: 'POST', path: '/api/files', headers });
    const answered = once(upload, 'response');
    upload.write(Buffer.alloc(megabyte));
    await begun.promise;
    upload.end(Buffer.alloc(4 * megabyte));
    const [answer] = await answered;

    expect([answer.statusCode, await text(answer)]).toEqual([200, String(5 * megabyte)]);
  });

  it('sees what the commands of the recipe show', async () => {
    const ran = await front().follow(everywhere);

    expect(ran.length).toBeGreaterThan(0);
    expect(ran.map(asShown)).toEqual(ran.map(() => 'as shown'));
  });
});

const megabyte = 1_048_576;
const parts = ['data: {"part":1}\n\n', 'data: {"part":2}\n\n', 'data: [DONE]\n\n'];

async function ask({ port, certificate }: Front, options: RequestOptions): Promise<IncomingMessage> {
  const asked = request({ host: '127.0.0.1', port, ca: certificate, agent: false, ...options });
  asked.end();
  const [answer] = await once(asked, 'response');
  return answer;
}

/** Of a new user who may read and create customers. @param addresses at which their policy counts; all where null */
async function tokenFor(directus: RunningDirectus, addresses: string[] | null): Promise<string> {
  const policy = await createInDirectus(directus, '/policies', { name: 'callers', ip_access: addresses });
  for (const action of ['read', 'create']) {
    const permission = { policy, collection: 'customers', action, fields: ['*'], permissions: {} };
    await callDirectus(directus, 'POST', '/permissions', permission);
  }
  return (await newUser(directus, { policies: [{ policy }] })).token;
}
