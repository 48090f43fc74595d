import { customerPath } from '../answers.ts';
import type { Candidate } from './candidate.ts';

/** It shares its core with the load, so that its requests per second are a floor. */
export const straight: Candidate = {
  name: 'straight',
  does: 'the upstream itself: nothing between',
  start: async ({ surroundings }) => ({
    target: { url: `${surroundings.upstream}${customerPath}`, headers: {} },
    pid: surroundings.pid,
    stop: async () => {},
  }),
};
