import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../demo/free-port.ts';
import { findProgram } from './find-program.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { poll } from './poll.ts';

export const findNginx = () =>
  findProgram({
    name: 'nginx',
    path: '/usr/sbin/nginx',
    versionArgument: '-v',
    packages: ['nginx'],
    wanted: /^nginx$/,
  });

/**
 * nginx before these gateways. It checks nobody's health: it learns from refused connections only, and keeps
 * connections, on which its next request may meet the end of the gateway. A POST that it has begun to send it never
 * sends again.
 */
export async function startNginx(program: string, origins: readonly string[]): Promise<LoadBalancer> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-nginx-'));
  const port = await freePort(undefined, 'PORT');
  const servers = origins.map((origin) => `server ${new URL(origin).host} max_fails=0;`).join(' ');
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream gateways { ${servers} keepalive 16; keepalive_timeout 4s; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://gateways; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  );
  const child = spawn(program, ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], {
    stdio: 'ignore',
  });
  const closed = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  await poll('nginx answers', () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  );
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}
