import { existsSync, readFileSync } from 'node:fs';
import { config as loadDotenv } from 'dotenv';
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
  try {
    return setupFrom(currentSource(environment));
  } catch (error) {
    if (!(error instanceof ConfigError) || existsSync('.env')) throw error;
    throw new ConfigError(error.faults.map(tellOfNoDotenv), error.files);
  }
}

/** Whoever starts the gateway from another folder wonders. */
const tellOfNoDotenv = ({ name, problem }: Fault): Fault =>
  name === 'DIRECTUS_URL' && problem === 'is required'
    ? { name, problem: `${problem} (no .env in this folder)` }
    : { name, problem };

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
