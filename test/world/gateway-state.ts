import { z } from 'zod';
import { poll } from './poll.ts';
import type { RunningGateway } from './start-gateway.ts';

const healthAnswer = z.object({ checks: z.object({ feed: z.enum(['ok', 'error', 'off']) }) });

/** What `/server/health` says of the feed of changes. */
export async function feedState({ url }: RunningGateway): Promise<'ok' | 'error' | 'off'> {
  const response = await fetch(`${url}/server/health`);
  return healthAnswer.parse(await response.json()).checks.feed;
}

export const feedIs = (gateway: RunningGateway, state: 'ok' | 'error', withinMs?: number): Promise<void> =>
  poll(`the feed is ${state}`, async () => (await feedState(gateway)) === state, withinMs);

const explainAnswer = z.object({ data: z.object({ directus: z.object({ ageMs: z.number() }) }) });

/**
 * Until the gateway has remembered this caller for longer than it takes to forget a second time: no earlier change can
 * be what makes it forget the caller from now on.
 */
export const remembersFirmly = (gateway: RunningGateway, headers: Record<string, string>): Promise<void> =>
  poll(
    'the gateway remembers the caller for a while',
    async () => (await ageOf(gateway, headers)) > secondForgettingMs,
  );

/** For how many milliseconds the gateway has remembered this caller. */
export async function ageOf({ url }: RunningGateway, headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${url}/gateway/explain?path=/stripe/v1/customers`, { headers });
  return explainAnswer.parse(await response.json()).data.directus.ageMs;
}

const secondForgettingMs = 650;
