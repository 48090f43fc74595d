import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { freePort } from '../../demo/free-port.ts';
import { answerSlowly } from '../world/answer-slowly.ts';
import { type GatewayProcess, startGatewayProcess } from '../world/gateway-process.ts';
import { expectNothingLostOrTwice, type Held, startLoad } from '../world/load.ts';
import { type LoadBalancer, startLoadBalancer } from '../world/load-balancer.ts';
import { findNginx, startNginx } from '../world/nginx.ts';
import { poll } from '../world/poll.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const nginx = await findNginx();
const checkEveryMs = 200;
const environment = { ...world.environment, SERVER_SHUTDOWN_TIMEOUT: '1600ms' };

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});

const start = async (port: number): Promise<GatewayProcess> => {
  const gateway = await startGatewayProcess(environment, { port });
  running.push(gateway);
  await poll('the gateway is ready', async () => (await fetch(`${gateway.url}/server/health`)).ok);
  return gateway;
};

const kept = new Agent({ keepAlive: true });
const customers = '/stripe/v1/customers';
const callers = [
  ...[kept, false as const].flatMap((agent) =>
    (['GET', 'POST'] as const).flatMap((method) =>
      Array.from({ length: 3 }, () => ({ method, path: customers, agent })),
    ),
  ),
  ...Array.from({ length: 4 }, () => ({ method: 'GET' as const, path: `${customers}/stream_1/cards`, agent: kept })),
];

type Row = {
  before: string;
  startBalancer: (origins: string[]) => Promise<LoadBalancer>;
  /** POSTs whose connection the system had made, and reset before the gateway could accept it (docs/decisions/0012). */
  mayLose?: number;
};

const rows: Row[] = [
  {
    before: 'a load balancer that asks for their health, and tries each request once',
    startBalancer: (origins) => startLoadBalancer(origins, checkEveryMs),
  },
  ...('program' in nginx
    ? [
        {
          before: 'nginx, which does not ask, and tries the other where the connection is refused',
          startBalancer: (origins: string[]) => startNginx(nginx.program, origins),
          mayLose: 1,
        },
      ]
    : []),
];
if ('missing' in nginx) it.skip(`no request is lost behind nginx: ${nginx.missing}`, () => undefined);

const nameOf = (why: string): string => why.slice(0, why.indexOf(':'));

/** Without these losses: that nothing was lost means then that the upstream has not seen them either. */
const except = ({ sent, lost }: Held, losses: readonly string[]): Held => {
  const gone = new Set(losses.map(nameOf));
  return { sent: sent.filter((name) => !gone.has(name)), lost: lost.filter((why) => !losses.includes(why)) };
};

it.each(rows)('no request is lost or sent twice while two gateways behind $before are restarted', async (row) => {
  answerSlowly(world.stripe);
  const gateways = await Promise.all([1, 2].map(async () => await start(await freePort(undefined, 'PORT'))));
  const balancer = await row.startBalancer(gateways.map(({ url }) => url));
  running.push(balancer);
  const load = startLoad(balancer.url, tokens.admin, callers);
  await sleep(300);

  for (const _twice of [1, 2]) {
    for (const [index, before] of gateways.entries()) {
      before.child.kill('SIGTERM');
      expect(await before.ended).toBe(0);
      gateways[index] = await start(before.port);
      await sleep(2 * checkEveryMs);
    }
  }
  const held = await load.stop();

  const unaccepted = held.lost.filter((why) => why.startsWith('POST') && why.includes('502 Bad Gateway'));
  expect(unaccepted.length).toBeLessThanOrEqual(row.mayLose ?? 0);
  expectNothingLostOrTwice(except(held, unaccepted), world.stripe);
  expect(held.sent.length).toBeGreaterThan(500);
});
