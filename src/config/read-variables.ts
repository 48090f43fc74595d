import type { z } from 'zod';
import { type VariableName, type Variables, variables, variablesSchema } from './variables.ts';

/** What is wrong with one variable, or at one place of gateway.yaml. Never holds a value. */
export type Fault = { readonly name: string; readonly problem: string };

/** A set-up that cannot be started, with every fault of it. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];
  /** Paths of the files that it was read from, as far as that is known. */
  readonly files: readonly string[];

  constructor(faults: readonly Fault[], files: readonly string[] = []) {
    super(`The set-up has faults:\n${faults.map(({ name, problem }) => `  ${name} ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
    this.files = files;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

/**
 * The parsed variables. An empty value counts as unset, so that compose files may pass `${NAME:-}`.
 * @throws ConfigError with all faults at once
 */
export function readVariables(environment: Environment, readFile: ReadFile): Variables {
  const faults: Fault[] = [];
  const given: Partial<Record<VariableName, string>> = {};
  for (const name of variableNames) {
    const value = givenValue(name, environment, readFile, faults);
    if (value !== undefined) given[name] = value;
  }
  const isTold = (name: string) => faults.some((fault) => fault.name === name || fault.name === `${name}_FILE`);
  const parsed = variablesSchema.safeParse(given, { error: sayRequired });
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0]);
    if (!isTold(name)) faults.push({ name, problem: message });
  }
  faults.push(...combinationFaults(given).filter(({ name }) => !isTold(name)));
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return parsed.data;
}

export const variableNames = Object.keys(variables) as readonly VariableName[];

const sayRequired: z.core.$ZodErrorMap = ({ code, input }) =>
  code === 'invalid_type' && input === undefined ? 'is required' : undefined;

/** A variable as it is set, directly or as `NAME_FILE`; undefined where it is unset or empty. */
export function givenValue(
  name: string,
  environment: Environment,
  readFile: ReadFile,
  faults: Fault[],
): string | undefined {
  const value = environment[name] || undefined;
  const path = environment[`${name}_FILE`] || undefined;
  if (path === undefined) return value;
  if (value !== undefined) faults.push({ name, problem: `is set twice: as ${name} and as ${name}_FILE` });
  try {
    return readFile(path).replace(/\r?\n$/, '') || undefined;
  } catch {
    faults.push({ name: `${name}_FILE`, problem: 'names a file that cannot be read' });
    return value;
  }
}

/** What one variable asks of the others. Works on what was given, so that it is said beside the faults of form. */
function combinationFaults(given: Partial<Record<VariableName, string>>): Fault[] {
  const faults = needs.flatMap(({ names, because }): Fault[] => {
    const reason = because.find((name) => given[name] !== undefined);
    if (reason === undefined) return [];
    const missing = names.filter((name) => given[name] === undefined);
    return missing.map((name) => ({ name, problem: `is required when ${reason} is set` }));
  });
  const anyTwilioSecret = given.TWILIO_AUTH_TOKEN ?? given.TWILIO_API_KEY_SID ?? given.TWILIO_API_KEY_SECRET;
  if (given.TWILIO_ACCOUNT_SID !== undefined && anyTwilioSecret === undefined) {
    faults.push({ name: 'TWILIO_AUTH_TOKEN', problem: 'is required when TWILIO_ACCOUNT_SID is set' });
  }
  if (given.RATE_LIMITER_STORE === 'redis' && given.REDIS === undefined) {
    faults.push({ name: 'REDIS', problem: 'is required when RATE_LIMITER_STORE is redis' });
  }
  const { data: origin } = variables.CORS_ORIGIN.safeParse(given.CORS_ORIGIN);
  if (given.CORS_CREDENTIALS === 'true' && (origin === true || origin === '*')) {
    faults.push({
      name: 'CORS_ORIGIN',
      problem: 'must list the origins when CORS_CREDENTIALS is true, or any site could act with a visitor’s session',
    });
  }
  return faults;
}

type Need = { readonly names: readonly VariableName[]; readonly because: readonly VariableName[] };

const needs: readonly Need[] = [
  { names: ['DIRECTUS_TOKEN'], because: ['AUDIT_COLLECTION'] },
  { names: ['STRIPE_CUSTOMERS_COLLECTION'], because: ['STRIPE_LIVE_SECRET_KEY'] },
  {
    names: ['TWILIO_ACCOUNT_SID'],
    because: ['TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET'],
  },
  {
    names: ['TWILIO_COLLECTION'],
    because: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET'],
  },
  { names: ['TWILIO_API_KEY_SECRET'], because: ['TWILIO_API_KEY_SID'] },
  { names: ['TWILIO_API_KEY_SID'], because: ['TWILIO_API_KEY_SECRET'] },
];
