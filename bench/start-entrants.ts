import { upstreamAnswer } from './answers.ts';
import { type Candidate, NotInstalled, type Site } from './candidates/candidate.ts';
import type { Entrant } from './measure-rounds.ts';
import { trust } from './trust.ts';

export type Entrants = {
  readonly entrants: readonly Entrant[];
  /** What is left out, and why. */
  readonly missing: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

/** All of them run all the time, and only one is asked at a time. */
export async function startEntrants(candidates: readonly Candidate[], site: Site): Promise<Entrants> {
  const entrants: Entrant[] = [];
  const missing: Record<string, string> = {};
  const stop = async () => {
    await Promise.all(entrants.map((entrant) => entrant.stop()));
  };
  for (const { name, does, start } of candidates) {
    try {
      const entrant = { name, does, ...(await start(site)) };
      entrants.push(entrant);
      await requireUpstreamAnswer(entrant);
    } catch (error) {
      if (error instanceof NotInstalled) missing[name] = error.message;
      else {
        await stop();
        throw error;
      }
    }
  }
  return { entrants, missing, stop };
}

/** What does not pass on the upstream's answer is not measured. */
async function requireUpstreamAnswer({ name, target: { url, headers, certificate } }: Entrant): Promise<void> {
  if (certificate !== undefined) trust(certificate);
  const answer = await fetch(url, { headers });
  const body = await answer.text();
  if (answer.status !== 200 || body !== upstreamAnswer) throw new Error(`${name} answers ${answer.status} ${body}`);
}
