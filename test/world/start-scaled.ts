import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from './find-program.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { type RunningHaproxy, startHaproxy } from './haproxy.ts';

export type Scaled = {
  readonly gateways: GatewayProcess[];
  readonly balancer: RunningHaproxy;
  stop(): Promise<void>;
};

export type ScaledOptions = {
  readonly environment: Readonly<Record<string, string>>;
  /** What gateway.yaml says. */
  readonly config?: string;
  /** Proxies in front of the balancer. */
  readonly trusted?: readonly string[];
};

/** The address from which the balancer comes, which is in nobody else's use. */
export const addressOfBalancer = '127.0.0.1';

/** What the profile `scale` of docker-compose.yml starts: three gateways, which trust the balancer alone, and that one. */
export async function startScaled(
  haproxy: Program,
  { environment, config = 'upstreams: {}', trusted = [] }: ScaledOptions,
): Promise<Scaled> {
  const cwd = await mkdtemp(join(tmpdir(), 'gateway-scaled-'));
  await writeFile(join(cwd, 'gateway.yaml'), config);
  const own = { ...environment, IP_TRUST_PROXY: addressOfBalancer };
  const gateways = await Promise.all([1, 2, 3].map(async () => await startGatewayProcess(own, { cwd })));
  const stopGateways = async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await rm(cwd, { recursive: true });
  };
  try {
    const urls = gateways.map(({ url }) => url);
    const balancer = await startHaproxy(haproxy, urls, trusted);
    const stop = async () => {
      await balancer.stop();
      await stopGateways();
    };
    return { gateways, balancer, stop };
  } catch (error) {
    await stopGateways();
    throw error;
  }
}
