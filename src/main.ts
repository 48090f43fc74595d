import { Command } from 'commander';
import { closest } from './suggest/closest.ts';
import { version } from './version.ts';

// Each command, and what reads the set-up, is loaded when it is run: --help and --version need none of it.
const loadSetup = () => import('./commands/current-setup.ts');

const program = new Command('directus-gateway')
  .description('Calls Stripe, Twilio and other APIs with an ordinary Directus token.')
  .version(version, '-V, --version', 'prints the version')
  .helpOption('-h, --help', 'prints this')
  .helpCommand('help [command]', 'prints the help of a command')
  .showHelpAfterError('Add --help to see what there is.')
  .addHelpText(
    'after',
    `
Without a command it serves, until it gets SIGTERM or SIGINT. SIGHUP has it read its set-up anew.

The set-up is read from the environment, from .env, and from gateway.yaml where there is one.
.env.example explains every variable.

Examples:
  $ directus-gateway
  $ directus-gateway check
  $ directus-gateway explain GET /stripe/payments --token "$DIRECTUS_USER_TOKEN"

Exit codes: 0 it was told to stop; 1 the set-up has faults, the port is taken, or something failed.`,
  )
  .hook('preAction', async (_program, command) => {
    if (command === program || command.name() === 'worker') return; // their output is the log's
    const { outliveReader } = await import('./commands/outlive-reader.ts');
    outliveReader(process.stdout);
  })
  .action(async () => {
    const [unknown] = program.args;
    if (unknown !== undefined) program.error(`error: unknown command '${unknown}'${didYouMean(unknown)}`);
    const { currentSource, currentSetup, orExit } = await loadSetup();
    const setup = orExit(() => currentSetup(process.env));
    const { startCommand } = await import('./commands/start.ts');
    await startCommand(setup, currentSource(process.env));
  });

program
  .command('worker', { hidden: true })
  .description('what the gateway starts by itself where WORKERS is more than 1')
  .action(async () => {
    if (process.send === undefined) program.error('Set WORKERS and start the gateway.');
    const { runWorker } = await import('./workers/worker.ts');
    runWorker();
  });

program
  .command('explain')
  .summary('tells why somebody may do something or may not')
  .description(
    'tells whether the bearer of a token may do something, which rule and permission decide, and what to change',
  )
  .argument('<method>', 'GET, POST, …')
  .argument('<path>', 'a route of the gateway, such as /stripe/payments, or its whole address')
  .option('--token <token>', "the caller's Directus token (required)")
  .option('--address <ip>', "the caller's address, for policies that are bound to one", '127.0.0.1')
  .option('--json', 'for machines')
  .addHelpText(
    'after',
    `
Examples:
  $ directus-gateway explain GET /stripe/payments --token "$DIRECTUS_USER_TOKEN"
  $ directus-gateway explain POST /stripe/v1/customers --token "$DIRECTUS_USER_TOKEN" --json | jq .refusal

Exit codes: 0 allowed; 1 refused, or it could not be told.`,
  )
  .action(async (method, path, { token, ...options }, command) => {
    // Not by requiredOption, which speaks before an unknown option or a missing path does.
    if (token === undefined) command.error("error: required option '--token <token>' not specified");
    const { currentSetup, orExit } = await loadSetup();
    const setup = orExit(() => currentSetup(process.env));
    const { explainCommand } = await import('./commands/explain.ts');
    await explainCommand(setup, { method, path, token, ...options });
  });

program
  .command('init')
  .summary('creates in Directus what the set-up refers to')
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
  .action(async (options) => {
    const { currentSetup, orExit } = await loadSetup();
    const setup = orExit(() => currentSetup(process.env));
    const { initCommand } = await import('./commands/init.ts');
    await initCommand(setup, options);
  });

program
  .command('check')
  .summary('looks at the set-up and tries what it names')
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
  .action(async (options) => {
    const { currentSetup, currentSource, orExit } = await loadSetup();
    const { checkCommand, printConfigError } = await import('./commands/check.ts');
    const setup = orExit(() => currentSetup(process.env), options.json ? printConfigError : undefined);
    await checkCommand(setup, currentSource(process.env), options);
  });

await program.allowExcessArguments().parseAsync(); // last, or the commands would take any, too

function didYouMean(word: string): string {
  const names = program.commands.map((command) => command.name()).filter((name) => name !== 'worker');
  const meant = closest(word, names, 2);
  return meant === undefined ? '' : `\n(Did you mean ${meant}?)`;
}
