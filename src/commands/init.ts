import { createInterface } from 'node:readline/promises';
import { CallError, createCall } from '../directus/call.ts';
import { carryOut, type Outcome } from '../init/carry-out.ts';
import { describePlan } from '../init/describe-plan.ts';
import { type Existing, makePlan, type Plan, unknownNames, type Wishes } from '../init/plan.ts';
import { ownPolicies, policyFor } from '../init/policies.ts';
import { readExisting } from '../init/read-existing.ts';
import { nameOf, type Step } from '../init/step.ts';
import { wantedCollections } from '../init/wanted.ts';
import type { Setup } from '../read-setup.ts';
import { closest } from '../suggest/closest.ts';
import { showProgress } from './progress.ts';

export type InitOptions = {
  /** An administrator's; DIRECTUS_ADMIN_TOKEN, else DIRECTUS_TOKEN, when left out. */
  readonly token?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  /** Names with commas between them, or `all`. */
  readonly with?: string;
  readonly serviceUser?: boolean;
};

/**
 * Creates in Directus what the set-up refers to, after having shown it and asked. Exit code 0: it is all there, or only
 * the plan was asked for; 1: something is missing still.
 */
export async function initCommand(setup: Setup, options: InitOptions): Promise<void> {
  try {
    process.exitCode = await init(setup, options);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (options.json) printJson({ error: { code: error.code ?? null, message: error.message } });
    else process.stderr.write(`${error.message}${adviceOn(error)}\n`);
    process.exitCode = 1;
  }
}

async function init(setup: Setup, options: InitOptions): Promise<0 | 1> {
  const { DIRECTUS_URL: url, DIRECTUS_ADMIN_TOKEN, DIRECTUS_TOKEN } = setup.variables;
  const wishes = wishesOf(setup, options);
  const token = options.token ?? DIRECTUS_ADMIN_TOKEN ?? DIRECTUS_TOKEN;
  if (token === undefined) throw new CallError('No token is given.', 'NO_TOKEN');
  const call = createCall({ url, token, timeoutMs });
  const policies = [...wishes.upstreams.map((name) => policyFor(name, [])), ...ownPolicies];
  const names = policies.map(({ name }) => name);
  const existing = await showProgress('Looking at what is in Directus', () => readExisting(call, names));
  const plan = makePlan(wishes, existing);
  if (wishes.serviceUser && !existing.hasPolicies) throw new CallError(noServiceUser);

  if (!options.json) process.stdout.write(`${heading(url, existing)}${describePlan(plan, options.dryRun === true)}`);
  const go = await isAgreed(plan, options);
  if (go !== 'create') {
    if (options.json) printJson(report(plan, existing));
    else process.stdout.write(closing[go]);
    return go === 'not agreed' || go === 'declined' ? 1 : 0;
  }
  const outcome = await carryOut(plan.create, existing, call, (step) => {
    if (!options.json) process.stdout.write(`  created ${nameOf(step)}\n`);
  });
  const isRead = await print(options.json ? jsonOf(report(plan, existing, outcome)) : describeToken(outcome));
  if (!options.json) describeEnd(outcome, nextStep(wishes, existing));
  return exitCodeOf(outcome, isRead);
}

/** @param isRead whether the token could be shown, where there is one */
function exitCodeOf({ failed, token }: Outcome, isRead: boolean): 0 | 1 {
  const isLost = token !== undefined && !isRead;
  if (isLost) process.stderr.write(lostToken);
  return failed === undefined && !isLost ? 0 : 1;
}

function wishesOf({ upstreams, variables }: Setup, { with: wanted = '', serviceUser = false }: InitOptions): Wishes {
  const names = wanted.split(',').map((name) => name.trim());
  const wishes: Wishes = {
    collections: wantedCollections(upstreams),
    upstreams: upstreams.map(({ name }) => name),
    with: wanted === 'all' ? 'all' : names.filter((name) => name !== ''),
    serviceUser,
    audit: variables.AUDIT_COLLECTION,
  };
  const unknown = unknownNames(wishes);
  if (unknown.length > 0) {
    const words = `--with: no rule of an upstream that is on names ${unknown.join(', ')}.`;
    throw new CallError(words + didYouMean(unknown, wishes));
  }
  return wishes;
}

function didYouMean(unknown: readonly string[], { collections }: Wishes): string {
  const names = collections.map(({ name }) => name);
  const meant = unknown.flatMap((word) => closest(word, names) ?? []);
  return meant.length === 0 ? '' : ` Did you mean ${meant.join(', ')}?`;
}

type Go = 'create' | 'nothing' | 'only the plan' | 'not agreed' | 'declined';

async function isAgreed({ create }: Plan, { yes, dryRun, json }: InitOptions): Promise<Go> {
  if (create.length === 0) return 'nothing';
  if (dryRun) return 'only the plan';
  if (yes) return 'create';
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) return 'not agreed';
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const givenUp = new Promise<'\n'>((resolve) => terminal.once('close', () => resolve('\n'))); // Ctrl-C, Ctrl-D
  const answer = await Promise.race([terminal.question('Create these? [y/N] '), givenUp]);
  terminal.close();
  if (answer === '\n') process.stdout.write('\n'); // off the line of the question
  return /^y(es)?$/i.test(answer.trim()) ? 'create' : 'declined';
}

const closing: Readonly<Record<Exclude<Go, 'create'>, string>> = {
  nothing: 'Everything is there.\n',
  'only the plan': 'Nothing was created: this is the plan only.\n',
  declined: 'Nothing was created.\n',
  'not agreed': 'Nothing was created. To create it, run the same command with --yes.\n',
};

const heading = (url: string, { version }: Existing): string =>
  `Directus ${version ?? '(version not told)'} at ${url}\n`;

/** Data Studio's own words for the place, which are others in Directus 10. */
function nextStep({ upstreams }: Wishes, { hasPolicies }: Existing): string {
  if (!hasPolicies) return 'Settings → Access Control → the role';
  const names = upstreams.map((name) => `"${policyFor(name, []).name}"`).join(', ');
  return `Settings → Access Policies${names === '' ? '' : ` → ${names}`}`;
}

const describeToken = ({ token }: Outcome): string =>
  token === undefined ? '' : `The token of the new user; it is shown this once:\nDIRECTUS_TOKEN=${token}\n`;

/** Goes nowhere else: what standard error says may be kept in a log. */
const lostToken =
  'The token of the new user could not be shown: nobody reads the output any more. Generate another for that user in Directus.\n';

/** @returns whether it was taken */
const print = (text: string): Promise<boolean> =>
  new Promise((resolve) => {
    process.stdout.write(text, (error) => resolve(!error));
  });

function describeEnd({ failed, left }: Outcome, next: string): void {
  if (failed === undefined) {
    process.stdout.write(`Done. Now say in Directus who may do what: ${next}.\n`);
    return;
  }
  const lines = [
    `  failed  ${nameOf(failed.step)}: ${failed.error.message}${adviceOn(failed.error)}`,
    ...left.slice(1).map((step) => `  left    ${nameOf(step)}`),
    'What was created stays. Run the same command again to go on from there.',
  ];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

function report(plan: Plan, { version }: Existing, outcome?: Outcome) {
  const { failed } = outcome ?? {};
  return {
    directus: version ?? null,
    exists: plan.exists,
    create: plan.create,
    available: plan.available,
    created: outcome?.done.map((step: Step) => nameOf(step)) ?? [],
    ...(failed !== undefined && {
      failed: { step: nameOf(failed.step), code: failed.error.code ?? null, message: failed.error.message },
    }),
    left: (outcome?.left ?? plan.create).map((step: Step) => nameOf(step)),
    ...(outcome?.token !== undefined && { serviceToken: outcome.token }),
  };
}

const jsonOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
const printJson = (value: object): void => {
  process.stdout.write(jsonOf(value));
};

/** What to do about a refusal, as a sentence that follows it. */
function adviceOn({ code }: CallError): string {
  switch (code) {
    case 'INVALID_CREDENTIALS':
    case 'INVALID_TOKEN':
      return `\nDirectus does not know this token. ${giveToken}`;
    case 'NO_TOKEN':
    case 'FORBIDDEN':
    case 'TOKEN_EXPIRED':
      return `\n${giveToken}`;
    case 'LIMIT_EXCEEDED':
      return '\nThe licence of this Directus allows no more: remove what you do not need, or leave out --with.';
    default:
      return '';
  }
}

const giveToken = 'Give an administrator’s token: --token <token>, or DIRECTUS_ADMIN_TOKEN.';

const noServiceUser =
  'Directus 10 has no policies to give to a user of the gateway: create one by hand, with a role that has admin access.';

const timeoutMs = 30_000;
