import { type Check, checksOf, isSound } from '../check/check.ts';
import { checkAudit } from '../check/check-audit.ts';
import { checkCollections } from '../check/check-collections.ts';
import { checkDirectus } from '../check/check-directus.ts';
import { checkUpstreams } from '../check/check-upstreams.ts';
import { describeChecks } from '../check/describe-checks.ts';
import { bareNumbers } from '../config/bare-numbers.ts';
import { misspeltIn } from '../config/misspelt.ts';
import type { ConfigError } from '../config/read-variables.ts';
import { createCall } from '../directus/call.ts';
import { connectDirectus } from '../directus/directus.ts';
import { wantedCollections } from '../init/wanted.ts';
import type { Setup } from '../read-setup.ts';
import type { Source } from '../sources.ts';
import { showProgress } from './progress.ts';

export type CheckOptions = {
  /** An administrator's, to see every collection; DIRECTUS_ADMIN_TOKEN, else DIRECTUS_TOKEN, when left out. */
  readonly token?: string;
  readonly json?: boolean;
};

/** Looks at the set-up and everything that it names, changing nothing. Exit code 0: no fault, 1: at least one. */
export async function checkCommand(setup: Setup, source: Source, { token, json = false }: CheckOptions): Promise<void> {
  const { DIRECTUS_URL: url, DIRECTUS_TOKEN: serviceToken, DIRECTUS_ADMIN_TOKEN, AUDIT_COLLECTION } = setup.variables;
  const directus = connectDirectus({ url, timeoutMs, serviceToken });
  const callAs = (bearer: string) => createCall({ url, token: bearer, timeoutMs });
  const service = serviceToken === undefined ? undefined : { token: serviceToken, call: callAs(serviceToken) };

  const [ofDirectus, ofUpstreams] = await showProgress('Asking Directus and the APIs', () =>
    Promise.all([checkDirectus({ url, directus, service, timeoutMs }), checkUpstreams(setup, timeoutMs)]),
  );
  const looker = token ?? DIRECTUS_ADMIN_TOKEN ?? serviceToken;
  const isThere = ofDirectus.some(({ name, status }) => name === 'reachable' && status === 'ok');
  const wanted = wantedCollections(setup.upstreams);
  const ofCollections =
    isThere && wanted.length > 0
      ? await showProgress('Looking at the collections', async () => await collectionChecks(wanted, looker, callAs))
      : [];
  const audited =
    AUDIT_COLLECTION === undefined || serviceToken === undefined
      ? undefined
      : { collection: AUDIT_COLLECTION, directus, serviceToken, call: callAs(looker ?? serviceToken) };
  const ofAudit =
    isThere && audited !== undefined
      ? await showProgress('Looking at the audit collection', () => checkAudit(audited))
      : [];
  print([...checkNames(setup, source), ...ofDirectus, ...ofCollections, ...ofAudit, ...ofUpstreams], json);
}

/** Variables that nothing reads, and that are like one that is; and numbers that lack a unit. */
const checkNames = ({ filledIn }: Setup, source: Source): Check[] => [
  ...misspeltIn(source, filledIn).map(({ name, meant, file }) =>
    checksOf('set-up').warn(
      name,
      `nothing reads it${file === undefined ? '' : ` (in ${file})`}`,
      `Did you mean ${meant}?`,
    ),
  ),
  ...bareNumbers(source.environment()).map(({ name, countsAs, such }) =>
    checksOf('set-up').warn(name, `it has no unit and counts as ${countsAs}`, `Write a unit, such as ${such}.`),
  ),
];

type Wanted = Parameters<typeof checkCollections>[0];

function collectionChecks(
  wanted: Wanted,
  token: string | undefined,
  callAs: (token: string) => ReturnType<typeof createCall>,
): Promise<Check[]> | Check[] {
  if (token !== undefined) return checkCollections(wanted, callAs(token));
  const names = wanted.filter(({ optional }) => !optional).map(({ name }) => name);
  const advice = 'Give an administrator’s token: --token, or DIRECTUS_ADMIN_TOKEN.';
  return [checksOf('collections').warn('collections', `not told without a token: ${names.join(', ')}`, advice)];
}

/** A set-up that cannot be started, as a check. */
export function printConfigError({ faults }: ConfigError): void {
  print(
    faults.map(({ name, problem }) => checksOf('set-up').fault(name, problem)),
    true,
  );
}

function print(checks: readonly Check[], json: boolean): void {
  const ok = isSound(checks);
  const isColored = process.stdout.isTTY === true && process.stdout.hasColors();
  process.stdout.write(json ? `${JSON.stringify({ ok, checks }, null, 2)}\n` : describeChecks(checks, isColored));
  process.exitCode = ok ? 0 : 1;
}

/** Milliseconds for each thing that is looked at. */
const timeoutMs = 10_000;
