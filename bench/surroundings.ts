import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../demo/free-port.ts';
import { directusAnswers, upstreamAnswer } from './answers.ts';
import type { Cores } from './cores.ts';
import { type RunningProcess, startProcess } from './start-process.ts';

/** What a candidate asks: an upstream, and a stand-in for Directus. */
export type Surroundings = {
  readonly upstream: string;
  readonly directus: string;
  /** Of the process that is both. */
  readonly pid: number;
  stop(): Promise<void>;
};

type Ports = { readonly upstream: number; readonly directus: number };

/** One worker of nginx: it costs so little that it does not hold up what is measured. */
export async function startNginxSurroundings(nginx: string, cores: Cores): Promise<Surroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-nginx-'));
  const ports = await freePorts();
  const config = join(folder, 'nginx.conf');
  await writeFile(config, nginxConfig(folder, ports));
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', config];
  const running = await startProcess({
    name: 'nginx',
    cores,
    place: 'surroundings',
    program: nginx,
    args,
    readyAt: addressOf(ports.upstream),
  });
  return surroundings(ports, running, () => rm(folder, { recursive: true }));
}

/** The same by node:http, for a machine without nginx. */
export async function startNodeSurroundings(cores: Cores): Promise<Surroundings> {
  const ports = await freePorts();
  const running = await startProcess({
    name: 'the upstream',
    cores,
    place: 'surroundings',
    program: process.execPath,
    args: [join(import.meta.dirname, 'servers/surroundings.ts'), String(ports.upstream), String(ports.directus)],
    readyAt: addressOf(ports.directus),
  });
  return surroundings(ports, running, async () => {});
}

function surroundings(ports: Ports, { pid, stop }: RunningProcess, tidy: () => Promise<void>): Surroundings {
  return {
    upstream: addressOf(ports.upstream),
    directus: addressOf(ports.directus),
    pid,
    stop: async () => {
      await stop();
      await tidy();
    },
  };
}

const addressOf = (port: number): string => `http://127.0.0.1:${port}`;

async function freePorts(): Promise<Ports> {
  const upstream = await freePort(undefined, 'PORT');
  const directus = await freePort(undefined, 'PORT');
  return upstream === directus ? freePorts() : { upstream, directus };
}

/** What every nginx here needs, to write to its folder as whoever starts it, and to keep its connections. */
export const nginxFrame = (
  folder: string,
  http: string,
): string => `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes 1;
pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  default_type application/json;
${http}}
`;

function nginxConfig(folder: string, ports: Ports): string {
  const locations = Object.entries(directusAnswers).map(
    ([path, answer]) => `location = ${path} { return 200 '${answer}'; }`,
  );
  return nginxFrame(
    folder,
    `  server { listen 127.0.0.1:${ports.upstream}; location / { return 200 '${upstreamAnswer}'; } }
  server { listen 127.0.0.1:${ports.directus}; ${locations.join(' ')} location / { return 404; } }
`,
  );
}
