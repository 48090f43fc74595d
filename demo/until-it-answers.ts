import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

const WITHIN_MS = 90_000;
const TRY_EVERY_MS = 50;
const ANSWER_WITHIN_MS = 2_000;

/** @throws with the child's output when it ends before it answers, or does not answer in time */
export async function untilItAnswers(url: string, child: Child): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await answers(url))) {
    const how = await Promise.race([child.ended, sleep(TRY_EVERY_MS, 'not yet')]);
    if (how !== 'not yet') throw new Error(`Nothing answers at ${url}: it ended with ${how}.\n${child.output()}`);
    if (performance.now() > deadline) {
      throw new Error(`Nothing answers at ${url} after ${WITHIN_MS / 1000} s.\n${child.output()}`);
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}
