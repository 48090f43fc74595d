import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildOnce, cacheFolder } from '../../demo/directus/build-once.ts';
import { freePort } from '../../demo/free-port.ts';
import { createReport } from '../../demo/report.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { poll } from './poll.ts';

const run = promisify(execFile);
const ofTheSystem = '/usr/sbin/nginx';

export type Nginx = { readonly program: string } | { readonly missing: string };

/** The system's nginx, or else that of its package, unpacked once into the user's cache folder. */
export async function findNginx(): Promise<Nginx> {
  if (await works(ofTheSystem)) return { program: ofTheSystem };
  try {
    const target = join(cacheFolder(), 'nginx');
    const recipe = createHash('sha256')
      .update(await readFile('/etc/os-release', 'utf8'))
      .digest('hex');
    await buildOnce({ target, recipe, report: createReport(), build: unpack });
    const program = join(target, ofTheSystem);
    return (await works(program)) ? { program } : { missing: 'the unpacked nginx does not run: apt install nginx' };
  } catch {
    return { missing: 'there is none, and apt could not fetch it: apt install nginx' };
  }
}

async function unpack(folder: string): Promise<void> {
  await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'nginx'], { cwd: folder });
  for (const name of await readdir(folder)) {
    if (name.endsWith('.deb')) await run('dpkg', ['-x', join(folder, name), folder]);
  }
  await access(join(folder, ofTheSystem));
}

const works = (program: string): Promise<boolean> =>
  run(program, ['-v']).then(
    () => true,
    () => false,
  );

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
