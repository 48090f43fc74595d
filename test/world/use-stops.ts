import { afterAll } from '@jest/globals';

type Stoppable = { stop(): Promise<unknown> };

/** Stops whatever it is handed after the tests, the last first, however far their set-up came. */
export function useStops() {
  const started: Stoppable[] = [];
  afterAll(async () => {
    for (const part of started.reverse()) await part.stop();
  });
  return <Started extends Stoppable>(part: Started): Started => {
    started.push(part);
    return part;
  };
}
