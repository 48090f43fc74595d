import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until the condition holds.
 * @throws when it does not in time
 */
export async function poll(what: string, holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`It did not come about within ${withinMs} ms that ${what}.`);
    await sleep(10);
  }
}
