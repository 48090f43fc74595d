import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { config as loadDotenv } from 'dotenv';
import { checkCommand, printConfigError } from './commands/check.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { startCommand } from './commands/start.ts';
import { ConfigError } from './config/read-variables.ts';
import type { Setup } from './read-setup.ts';
import { type Source, setupFrom } from './sources.ts';
import { runWorker } from './workers/worker.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The process' environment wins over .env. */
const source: Source = {
  environment: () => {
    const inFile: Record<string, string> = {};
    loadDotenv({ quiet: true, processEnv: inFile });
    return { ...inFile, ...process.env };
  },
  readFile: (path) => readFileSync(path, 'utf8'),
};

const program = new Command('directus-gateway')
  .description('Calls Stripe, Twilio and other APIs with an ordinary Directus token.')
  .version(version)
  .addHelpText(
    'after',
    '\nThe set-up is read from the environment, from .env, and from gateway.yaml where there is one.\n.env.example explains every variable.',
  )
  .action(() => orExit(() => startCommand(source)));

program
  .command('worker', { hidden: true })
  .description('what the gateway starts by itself where WORKERS is more than 1')
  .action(() => (process.send === undefined ? program.error('Set WORKERS and start the gateway.') : runWorker()));

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

program
  .command('init')
  .description(
    'creates in Directus what the set-up refers to: collections whose permissions decide, and empty policies for them. Shows what it would create and asks first; what is there is never changed',
  )
  .option(
    '--token <token>',
    'an administrator’s token of Directus; DIRECTUS_ADMIN_TOKEN, else DIRECTUS_TOKEN, when left out',
  )
  .option('--with <names>', 'also these collections that are optional, with commas between them, or "all"')
  .option('--service-user', 'also a user for the gateway itself, whose token, for DIRECTUS_TOKEN, is printed once')
  .option('--yes', 'create without asking')
  .option('--dry-run', 'only show what would be created')
  .option('--json', 'for machines; asks nothing, so that it creates only with --yes')
  .addHelpText(
    'after',
    `
Examples:
  $ directus-gateway init --token "$ADMIN_TOKEN" --dry-run
  $ directus-gateway init --token "$ADMIN_TOKEN" --service-user
  $ directus-gateway init --yes --with stripe_products,stripe_prices

Where it was interrupted, or Directus refused something, run it again: it goes on from there.
Nothing that it creates allows anybody anything but the gateway itself: say in Directus who may do what,
under Settings → Access Policies (Access Control in Directus 10).

Exit codes: 0 everything is there, or --dry-run; 1 something is missing still, or could not be asked.`,
  )
  .action((options) => initCommand(orExit(setup), options));

program
  .command('check')
  .description(
    'looks at the set-up and tries what it names: Directus, its token, the feed of changes, collections, and the credential of each API. Changes nothing',
  )
  .option(
    '--token <token>',
    'an administrator’s token of Directus, which sees every collection; DIRECTUS_ADMIN_TOKEN, else DIRECTUS_TOKEN, when left out',
  )
  .option('--json', 'for machines: { ok, checks: [{ subject, name, status, message, advice? }] }')
  .addHelpText(
    'after',
    `
Examples:
  $ directus-gateway check
  $ directus-gateway check --json | jq '.checks[] | select(.status != "ok")'

Run it where the gateway runs: it asks Directus and the APIs from there.
ok: works. warn: works, or cannot be told. fault: to be mended. off: not in use.

Exit codes: 0 no fault; 1 at least one.`,
  )
  .action((options) => checkCommand(orExit(setup, options.json ? printConfigError : undefined), options));

await program.parseAsync();

/** The set-up as it is now. */
function setup(): Setup {
  return setupFrom(source);
}

/** @param tell says what is wrong, in place of the words for people */
function orExit<Value>(read: () => Value, tell = tellPeople): Value {
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
