import type { Figures, Findings } from '../figures.ts';
import { addedTime } from './added-time.ts';
import { againstOthers } from './against-others.ts';

/** What follows from the table of candidates, and what was measured beside it. */
export const allFindings = ({ results, measures }: Pick<Figures, 'results' | 'measures'>): Findings[] => [
  ...againstOthers(results),
  ...addedTime(results),
  ...measures,
];
