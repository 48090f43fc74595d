import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from '@jest/globals';
import { answerSlowly } from '../world/answer-slowly.ts';
import { agentFrom } from '../world/call-from.ts';
import { startGatewayProcess } from '../world/gateway-process.ts';
import { findHaproxy } from '../world/haproxy.ts';
import { expectNothingLostOrTwice, startLoad } from '../world/load.ts';
import { poll } from '../world/poll.ts';
import { addressOfBalancer, type Scaled, startScaled } from '../world/start-scaled.ts';
import { useWorld } from '../world/use-world.ts';
import { tokens } from '../world/world.ts';

const world = await useWorld();
const haproxy = await findHaproxy();
const test = 'missing' in haproxy ? it.skip : it;
const why = 'missing' in haproxy ? ` (left out: ${haproxy.missing})` : '';

let scaled: Scaled | undefined;
const agents = Array.from({ length: 12 }, (_, index) => agentFrom(`127.0.6.${index + 1}`));
afterAll(async () => {
  for (const agent of agents) agent.destroy();
  await scaled?.stop();
});

const customers = '/stripe/v1/customers';
const callers = agents.flatMap((kept) => [
  { method: 'GET' as const, path: customers, agent: kept },
  { method: 'POST' as const, path: customers, agent: kept },
  { method: 'POST' as const, path: customers, agent: false as const },
  { method: 'GET' as const, path: `${customers}/stream_1/cards`, agent: kept },
]);

test(`no request is lost or sent twice while three gateways behind the balancer of deploy/haproxy are replaced one by one${why}`, async () => {
  if ('missing' in haproxy) return;
  answerSlowly(world.stripe);
  const running = await startScaled(haproxy, { environment: world.environment });
  scaled = running;
  const { gateways, balancer } = running;
  const load = startLoad(balancer.url, tokens.admin, callers);
  await sleep(300);

  for (const [index, before] of gateways.entries()) {
    const isUp = `Server gateways/gateway-${index + 1} is UP`;
    before.child.kill('SIGTERM');
    expect(await before.ended).toBe(0);
    const environment = { ...world.environment, IP_TRUST_PROXY: addressOfBalancer };
    const after = await startGatewayProcess(environment, { port: before.port });
    gateways[index] = after;
    await poll('the balancer takes it back', () => balancer.log().includes(isUp));
    await after.logged('"msg":"request"');
  }
  expectNothingLostOrTwice(await load.stop(), world.stripe);
}, 120_000);
