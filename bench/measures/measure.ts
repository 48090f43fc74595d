import type { Site } from '../candidates/candidate.ts';
import type { Finding } from '../figures.ts';
import type { RunLoad } from '../load/load.ts';
import { spreadOf } from '../statistics.ts';

export type MeasureSite = Site & { readonly runLoad: RunLoad };

/** Something that no table of requests per second tells. */
export type Measure = {
  readonly name: string;
  /** How it is measured, in a few words. */
  readonly does: string;
  /** @throws NotInstalled */
  measure(site: MeasureSite): Promise<readonly Finding[]>;
};

/** What several rounds have found. */
export const found = (of: string, values: readonly number[], target?: Finding['target']): Finding => ({
  of,
  value: spreadOf(values),
  ...(target !== undefined && { target }),
});
