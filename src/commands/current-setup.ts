import { readFileSync } from 'node:fs';
import { config as loadDotenv } from 'dotenv';
import { ConfigError, type Environment } from '../config/read-variables.ts';
import { readSetup, type Setup } from '../read-setup.ts';

/**
 * The set-up as it is now. The process' environment wins over .env.
 * @throws ConfigError with all faults at once
 */
export function currentSetup(environment: Environment): Setup {
  const inFile: Record<string, string> = {};
  loadDotenv({ quiet: true, processEnv: inFile });
  return readSetup({ ...inFile, ...environment }, (path) => readFileSync(path, 'utf8'));
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
