import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { refuse } from '../world/answers.ts';
import { poll } from '../world/poll.ts';
import { samplesOf } from '../world/samples-of.ts';
import { startGateway } from '../world/start-gateway.ts';
import type { WrittenItem } from '../world/stub-written.ts';
import { auditing, isAuditing, quickAudit, useAudit } from '../world/use-audit.ts';
import { useStops } from '../world/use-stops.ts';
import { useWorld } from '../world/use-world.ts';

const stopLater = useStops();
const world = await useWorld(
  { ...auditing, METRICS_ENABLED: 'true', METRICS_TOKENS: 'tokenOfPrometheus' },
  { auditLimits: quickAudit, limits: { directusTimeoutMs: 300 } },
);
const { send, noted, logged } = useAudit(world);
const { directus } = world;
const { written } = directus.service;

type Way = (request: IncomingMessage, response: ServerResponse) => void;

/** Directus treats requests that write items in these ways, one after the other, and the rest as ever. */
const treatItems = (ways: Iterator<Way>) =>
  directus.answerWith((request, response) => {
    const way = isAuditing(request) ? ways.next().value : undefined;
    if (way === undefined) directus.answerAsDirectus(request, response);
    else way(request, response);
  });
const forever = function* (way: Way) {
  for (;;) yield way;
};

/** It takes the items, and nobody hears of it. */
const takenUnheard =
  (leave: (response: ServerResponse) => void): Way =>
  (request, response) => {
    const unheard = Object.assign(Object.create(response), { writeHead: () => ({ end: () => leave(response) }) });
    directus.answerAsDirectus(request, unheard);
  };
const failing =
  (status: number, code: string): Way =>
  (_request, response) =>
    refuse(response, status, code, 'Not now.');

const faults: readonly (readonly [string, Way])[] = [
  ['breaks off', (_request, response) => response.destroy()],
  ['takes them and breaks off', takenUnheard((response) => response.destroy())],
  ['takes them and hangs', takenUnheard(() => undefined)],
  ['hangs', () => undefined],
  ['is unavailable', failing(503, 'SERVICE_UNAVAILABLE')],
  ['is asked too often', failing(429, 'REQUESTS_EXCEEDED')],
  ['fails', failing(500, 'INTERNAL_SERVER_ERROR')],
  ['is behind a proxy that answers', (_request, response) => response.writeHead(502).end('<html>')],
  ['is behind a proxy that sends elsewhere', (_request, response) => response.writeHead(302, { Location: '/' }).end()],
];

const pathsOf = (items: readonly WrittenItem[]) => items.map(({ path }) => path);
const write = (key: number) => send(`/stripe/v1/customers/cus_${key}`, { method: 'DELETE' });

describe('a Directus that takes no items for a while', () => {
  it.each(faults)('and %s gets each of them once when it is back, and callers notice nothing', async (_what, way) => {
    treatItems([way, way, way, way][Symbol.iterator]());
    for (let key = 0; key < 8; key += 1) expect((await write(key)).status).toBe(200);
    await noted(8);
    await poll('nothing waits', async () => (await samples()).get('directus_gateway_audit_waiting') === 0);
    expect(pathsOf(written.items).sort()).toEqual(Array.from({ length: 8 }, (_, key) => `/v1/customers/cus_${key}`));
    expect(await logged(0)).toEqual([]);
  });

  it('under load, in all of these ways, gets each of them once', async () => {
    treatItems(faults.flatMap(([, way]) => [way, way])[Symbol.iterator]());
    const count = 400;
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let key = sender; key < count; key += 8) expect((await write(key)).status).toBe(200);
    });
    await Promise.all(senders);
    await noted(count);
    expect(new Set(pathsOf(written.items)).size).toBe(count);
    expect(written.items).toHaveLength(count);
    expect(await logged(0)).toEqual([]);
  });

  it('is said once in the log, and once when it takes them again', async () => {
    const lines = (words: string) => world.gateway.logs().split(words).length - 1;
    const before = [lines('takes no audit items'), lines('takes audit items again')];
    treatItems(Array<Way>(3).fill(failing(503, 'SERVICE_UNAVAILABLE'))[Symbol.iterator]());
    await write(1);
    await noted(1);
    await poll('it is said', () => lines('takes audit items again') > (before[1] ?? 0));
    expect([lines('takes no audit items'), lines('takes audit items again')]).toEqual(before.map((count) => count + 1));
  });

  it('keeps no answer waiting', async () => {
    treatItems(forever(() => undefined));
    for (let key = 0; key < 3; key += 1) expect((await write(key)).status).toBe(200);
    await poll('items are on their way', () => directus.asked.some(({ path }) => path.startsWith('/items/')));
    expect((await write(4)).status).toBe(200);
    expect(written.items).toEqual([]);
    directus.reset();
    await noted(4);
  });
});

it('where too many wait, the newest is logged instead, and what came of each is counted', async () => {
  const gateway = stopLater(await startGateway(world.environment, { auditLimits: { ...quickAudit, capacity: 2 } }));
  treatItems(forever(failing(503, 'SERVICE_UNAVAILABLE')));
  for (let key = 0; key < 3; key += 1) await send(`/stripe/v1/customers/cus_${key}`, { method: 'DELETE' }, gateway);
  const [line] = await logged(1, gateway);
  expect(line).toMatchObject({ level: 50, reason: 'full', item: { path: '/v1/customers/cus_2', status: 200 } });
  expect((await samples(gateway)).get('directus_gateway_audit_waiting')).toBe(2);

  directus.reset();
  written.refuses = ({ path }) => (path === '/v1/customers/cus_1' ? 'VALUE_TOO_LONG' : undefined);
  await logged(2, gateway);
  await noted(1);
  const told = await samples(gateway);
  const outcome = (name: string) => told.get(`directus_gateway_audit_items_total{outcome="${name}"}`);
  expect(['written', 'full', 'refused', 'stopped'].map(outcome)).toEqual([1, 1, 1, 0]);
  expect(told.get('directus_gateway_audit_waiting')).toBe(0);
});

it('without AUDIT_COLLECTION nothing is noted, nor told of', async () => {
  const gateway = stopLater(await startGateway({ ...world.environment, AUDIT_COLLECTION: '' }));
  expect((await send('/stripe/v1/customers', {}, gateway)).status).toBe(200);
  await write(1); // by the other one, which comes later
  await noted(1);
  expect(written.items).toHaveLength(1);
  expect([...(await samples(gateway)).keys()].filter((name) => name.includes('audit'))).toEqual([]);
});

async function samples({ url }: { readonly url: string } = world.gateway) {
  const answer = await fetch(`${url}/metrics`, { headers: { Authorization: 'Metrics tokenOfPrometheus' } });
  return samplesOf(await answer.text());
}
