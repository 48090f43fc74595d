import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { scenarios } from '../../../scripts/simulate/scenarios.ts';
import { simulate } from '../../../scripts/simulate/simulate.ts';
import { createSimulatedProcess } from '../../../scripts/simulate/simulated-process.ts';
import { tableRow } from '../../../scripts/simulate/table.ts';

const page = readFileSync(new URL('../../../docs/scaling.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');
const smallest = (scenarios.growth ?? []).filter(({ users }) => users === 1_000);

test.each(smallest)('the page tells of a thousand users what the simulation says: $ttlMs ms', async (scenario) => {
  expect(page).toContain(`${tableRow({ scenario, simulated: await simulate(scenario) })}\n`);
});

test('the page has a row for every scenario', () => {
  const rows = page.split('\n').filter((line) => /^\| [\d,]+ \|/.test(line));
  expect(smallest).toHaveLength(2);
  expect(rows).toHaveLength(Object.values(scenarios).flat().length);
});

test('an app whose Directus changes all the time asks it far more often, and not where single users change', async () => {
  const [, quiet] = smallest;
  if (quiet === undefined) throw new Error('There is no such scenario.');
  const asks = async (changes: Partial<typeof quiet>) => (await simulate({ ...quiet, ...changes })).asksPerSecond;
  const undisturbed = await asks({});
  expect(await asks({ changesPerHour: 7_200, changesAreOf: 'everybody' })).toBeGreaterThan(5 * undisturbed);
  const disturbed = await asks({ changesPerHour: 7_200, changesAreOf: 'one user' });
  expect(disturbed).toBeGreaterThan(undisturbed);
  expect(disturbed).toBeLessThan(2 * undisturbed);
});

test('fifty thousand tokens have room in a memory, and one more pushes out the oldest', async () => {
  const process = createSimulatedProcess({ now: () => 0, ttlMs: 10_000 });
  const request = async (token: number) => {
    const outcome = process.request(requestWith(token));
    await process.answer();
    return outcome;
  };
  for (let token = 1; token <= 50_000; token += 1) await request(token);
  expect(await request(1)).toBe('remembered');
  await request(50_001);
  expect(await request(2)).toBe('pushed out');
});

test('requests of one token at once are one question', () => {
  const process = createSimulatedProcess({ now: () => 0, ttlMs: 10_000 });
  expect([process.request(requestWith(1)), process.request(requestWith(1))]).toEqual(['asked', 'joined']);
});

const requestWith = (user: number) => ({ user, token: { key: String(user), expiresAt: Number.POSITIVE_INFINITY } });
