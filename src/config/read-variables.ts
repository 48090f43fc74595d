import type { z } from 'zod';
import { type VariableName, type Variables, variables, variablesSchema } from './variables.ts';

/** What is wrong with one variable. Never holds its value. */
export type Fault = { readonly name: string; readonly problem: string };

/** A set-up that cannot be started, with every fault of it. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`The set-up has faults:\n${faults.map(({ name, problem }) => `  ${name} ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
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
  const parsed = variablesSchema.safeParse(given, { error: sayRequired });
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0]);
    if (!faults.some((fault) => fault.name.startsWith(name))) faults.push({ name, problem: message });
  }
  faults.push(...combinationFaults(given));
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults);
  return parsed.data;
}

export const variableNames = Object.keys(variables) as readonly VariableName[];

const sayRequired: z.core.$ZodErrorMap = ({ code, input }) =>
  code === 'invalid_type' && input === undefined ? 'is required' : undefined;

function givenValue(name: VariableName, environment: Environment, readFile: ReadFile, faults: Fault[]) {
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
  const faults: Fault[] = [];
  const need = (name: VariableName, because: VariableName) => {
    if (given[because] !== undefined && given[name] === undefined) {
      faults.push({ name, problem: `is required when ${because} is set` });
    }
  };
  need('STRIPE_CUSTOMERS_COLLECTION', 'STRIPE_LIVE_SECRET_KEY');
  need('TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN');
  need('TWILIO_ACCOUNT_SID', 'TWILIO_API_KEY_SID');
  need('TWILIO_API_KEY_SECRET', 'TWILIO_API_KEY_SID');
  need('TWILIO_API_KEY_SID', 'TWILIO_API_KEY_SECRET');
  need('TWILIO_COLLECTION', 'TWILIO_ACCOUNT_SID');
  if (given.TWILIO_API_KEY_SID === undefined) need('TWILIO_AUTH_TOKEN', 'TWILIO_ACCOUNT_SID');
  if (given.CORS_CREDENTIALS === 'true' && (given.CORS_ORIGIN === 'true' || given.CORS_ORIGIN === '*')) {
    faults.push({
      name: 'CORS_ORIGIN',
      problem: 'must list the origins when CORS_CREDENTIALS is true, or any site could act with a visitor’s session',
    });
  }
  return faults;
}
