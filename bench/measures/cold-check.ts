import { token } from '../answers.ts';
import { startRecipe } from '../candidates/candidate.ts';
import { declared } from '../candidates/gateway-recipe.ts';
import type { Load, Target } from '../load/load.ts';
import { createNodeLoad } from '../load/node-load.ts';
import { found, type Measure } from './measure.ts';
import { startServer } from './start-server.ts';
import { whileRunning } from './while-running.ts';

const rounds = 3;
const dose = { connections: 1, seconds: 5, requests: 3_000 };

/** By Node's client, which knows exactly how much it has asked: wrk leaves a request open at its end. */
export const coldCheck: Measure = {
  name: 'cold-check',
  does: 'each request bears another JWT, on one connection; less the answer of Directus asked straight, in turn',
  measure: (site) =>
    whileRunning(async (start) => {
      const { origin } = await start(startServer(site, { file: 'counting-directus.ts' }));
      const { surroundings, cores } = site;
      const { upstream } = surroundings;
      const counted = { ...site, surroundings: { ...surroundings, directus: origin } };
      const withSession = { headers: { Authorization: `Bearer ${token}` }, countTokens: true };
      const { target } = await start(
        startRecipe('gateway', counted, ({ port }) => ({ ...declared(port, counted, { upstream }), ...withSession })),
      );
      const straight: Target = { url: `${origin}/permissions/me`, ...withSession };
      const runLoad = createNodeLoad(cores);
      const answered = async () => Number(await (await fetch(`${origin}/answered`)).text());

      await runLoad(target, dose);
      const [through, asked, questions]: [Load[], Load[], number[]] = [[], [], []];
      for (let round = 0; round < rounds; round += 1) {
        asked.push(await runLoad(straight, dose));
        const before = await answered();
        const load = await runLoad(target, dose);
        questions.push(((await answered()) - before) / load.requests);
        through.push(load);
      }
      const beyond = (of: (load: Load) => number) => through.map((load, round) => of(load) - of(asked[round] ?? load));
      return [
        found('questions to Directus per request', questions, { atMost: 1 }),
        found(
          'Directus’ own answer, p50 ms',
          asked.map(({ p50Ms }) => p50Ms),
        ),
        found(
          'answer beyond that, p50 ms',
          beyond(({ p50Ms }) => p50Ms),
          { atMost: 1 },
        ),
        found(
          'answer beyond that, p99 ms',
          beyond(({ p99Ms }) => p99Ms),
        ),
      ];
    }),
};
