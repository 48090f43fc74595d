import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../demo/free-port.ts';
import { type FoundProgram, findProgram, type Program } from './find-program.ts';
import type { LoadBalancer } from './load-balancer.ts';
import { poll } from './poll.ts';

/** The very file that docker-compose.yml gives the balancer. */
const file = fileURLToPath(new URL('../../deploy/haproxy/haproxy.cfg', import.meta.url));

export type RunningHaproxy = LoadBalancer & {
  readonly port: number;
  /** Everything that it has written. */
  log(): string;
};

/** Only Linux lets callers come from 127.0.0.2, 127.0.0.3 and so on without further ado. */
export async function findHaproxy(): Promise<FoundProgram> {
  if (process.platform !== 'linux') return { missing: 'callers with addresses of their own need Linux' };
  return await findProgram({
    name: 'haproxy',
    path: '/usr/sbin/haproxy',
    versionArgument: '-v',
    packages: ['haproxy'],
    wanted: /^(haproxy|lib(lua|opentracing|jemalloc|pcre2)[\w.+-]*)$/,
  });
}

/**
 * HAProxy before three gateways, set up by its environment as docker-compose.yml does it.
 * @param trusted whose X-Forwarded-For it believes
 */
export async function startHaproxy(
  { program, env }: Program,
  gateways: readonly string[],
  trusted: readonly string[] = [],
): Promise<RunningHaproxy> {
  const port = await freePort(undefined, 'LISTEN');
  const addresses = gateways.map((url, index) => [`GATEWAY_${index + 1}`, new URL(url).host]);
  const child = spawn(program, ['-W', '-db', '-f', file], {
    env: {
      ...env,
      ...Object.fromEntries(addresses),
      LISTEN: `127.0.0.1:${port}`,
      IP_TRUST_PROXY: trusted.join(' '),
      SESSION_COOKIE_NAME: 'directus_session_token',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const closed = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await poll('HAProxy answers', async () => {
    if (child.exitCode !== null) throw new Error(`HAProxy has ended:\n${log}`);
    return await answers();
  });
  return {
    url,
    port,
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
