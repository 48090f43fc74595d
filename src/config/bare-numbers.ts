import type { Environment } from './read-variables.ts';
import type { VariableName } from './variables.ts';

/** A variable, what a number counts in it, and how what was probably meant is written. */
export type BareNumber = { readonly name: VariableName; readonly countsAs: string; readonly such: string };

const times = { countsAs: 'milliseconds', such: '10s or 5m' };
const known: readonly BareNumber[] = [
  { name: 'PERMISSIONS_TTL', ...times },
  { name: 'SERVER_SHUTDOWN_TIMEOUT', ...times },
  { name: 'MAX_PAYLOAD_SIZE', countsAs: 'bytes', such: '512kb or 1mb' },
];

/**
 * Small numbers without a unit, which are hardly meant as they count: `SERVER_SHUTDOWN_TIMEOUT=8` is eight milliseconds. Not
 * 0, and none that is given as `NAME_FILE`.
 */
export const bareNumbers = (environment: Environment): readonly BareNumber[] =>
  known.filter(({ name }) => /^[1-9]\d{0,2}$/.test(environment[name] ?? ''));
