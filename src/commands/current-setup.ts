import { existsSync, readFileSync } from 'node:fs';
import { config as loadDotenv } from 'dotenv';
import { misspeltIn } from '../config/misspelt.ts';
import { ConfigError, type Environment, type Fault } from '../config/read-variables.ts';
import type { Setup } from '../read-setup.ts';
import { type Source, setupFrom } from '../sources.ts';

/** This machine's files, and the process' environment, which wins over .env. */
export const currentSource = (environment: Environment): Source => ({
  environment: () => ({ ...readDotenv(), ...environment }),
  dotenv: readDotenv,
  readFile: (path) => readFileSync(path, 'utf8'),
});

function readDotenv(): Record<string, string> {
  const inFile: Record<string, string> = {};
  loadDotenv({ quiet: true, processEnv: inFile });
  return inFile;
}

/**
 * The set-up as it is now.
 * @throws ConfigError with all faults at once
 */
export function currentSetup(environment: Environment): Setup {
  const source = currentSource(environment);
  try {
    return setupFrom(source);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const hasDotenv = existsSync('.env');
    const written = new Map(misspeltIn(source, []).map(({ name, meant }) => [meant, name]));
    throw new ConfigError(
      error.faults.map((fault) => withHint(fault, written.get(fault.name), hasDotenv)),
      error.files,
    );
  }
}

/** @param written what may have been meant for this variable */
function withHint({ name, problem }: Fault, written: string | undefined, hasDotenv: boolean): Fault {
  if (written !== undefined) return { name, problem: `${problem} (is it what ${written} was meant to be?)` };
  // Whoever starts the gateway from another folder wonders.
  const isElsewhere = name === 'DIRECTUS_URL' && problem === 'is required' && !hasDotenv;
  return { name, problem: isElsewhere ? `${problem} (no .env in this folder)` : problem };
}

/** Ends the process where the set-up has faults. @param tell says what is wrong, in place of the words for people */
export function orExit(read: () => Setup, tell = tellPeople): Setup {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell(error);
    process.exit(1);
  }
}

function tellPeople({ message }: ConfigError): void {
  process.stderr.write(
    `${message}\nEvery variable is explained in .env.example, gateway.yaml in docs/gateway-yaml.md.\n`,
  );
}
