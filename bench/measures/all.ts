import { coldCheck } from './cold-check.ts';
import { lists } from './lists.ts';
import type { Measure } from './measure.ts';
import { startAndIdle } from './start-and-idle.ts';
import { streams } from './streams.ts';
import { transfers } from './transfers.ts';
import { workers } from './workers.ts';

/** In the order of the table. */
export const measures: readonly Measure[] = [coldCheck, transfers, streams, lists, workers, startAndIdle];
