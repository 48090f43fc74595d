import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { config as loadDotenv } from 'dotenv';
import { explainCommand } from './commands/explain.ts';
import { startCommand } from './commands/start.ts';
import { ConfigError, type Environment } from './config/read-variables.ts';
import { readSetup, type Setup } from './read-setup.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const program = new Command('directus-gateway')
  .description('Calls Stripe, Twilio and other APIs with an ordinary Directus token.')
  .version(version)
  .addHelpText(
    'after',
    '\nThe set-up is read from the environment, from .env, and from gateway.yaml where there is one.\n.env.example explains every variable.',
  )
  .action(() => orExit(() => startCommand(setup)));

program
  .command('explain')
  .description(
    'tells whether the bearer of a token may do something, which rule and permission decide, and what to change',
  )
  .argument('<method>', 'GET, POST, …')
  .argument('<path>', 'a route of the gateway, such as /stripe/payments')
  .requiredOption('--token <token>', "the caller's Directus token")
  .option('--address <ip>', "the caller's address, for policies that are bound to one", '127.0.0.1')
  .option('--json', 'for machines')
  .addHelpText('after', '\nExample:\n  $ directus-gateway explain GET /stripe/payments --token "$DIRECTUS_TOKEN"')
  .action((method, path, options) => explainCommand(orExit(setup), { method, path, ...options }));

await program.parseAsync();

/** The set-up as it is now. The process' environment wins over .env. */
function setup(): Setup {
  const inFile: Record<string, string> = {};
  loadDotenv({ quiet: true, processEnv: inFile });
  const environment: Environment = { ...inFile, ...process.env };
  return readSetup(environment, (path) => readFileSync(path, 'utf8'));
}

function orExit<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\nEvery variable is explained in .env.example.\n`);
    process.exit(1);
  }
}
