import { createGateway } from '../create-gateway.ts';
import { adviceOn } from '../errors/advice.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Explanation } from '../explain.ts';
import { createLimitStore } from '../limit/limit-store.ts';
import { createLogger } from '../log/logger.ts';
import type { Setup } from '../read-setup.ts';
import { showProgress } from './progress.ts';

export type ExplainOptions = {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly address: string;
  readonly json?: boolean;
};

/** Prints the explanation. Exit code 0: allowed, 1: refused or not to be told. */
export async function explainCommand(setup: Setup, options: ExplainOptions): Promise<void> {
  const { method, path, token, address, json } = options;
  const logger = createLogger({ level: 'silent' });
  const variables = { ...setup.variables, RATE_LIMITER_ENABLED: false }; // one question needs no measure, and no Redis
  const limitStore = await createLimitStore({ variables: { REDIS: undefined }, logger, now: Date.now });
  const { authenticate, explain } = createGateway(
    { ...setup, variables },
    { logger, now: Date.now, isStopping: () => false, limitStore },
  );
  try {
    const explanation = await showProgress('Asking Directus', async () => {
      const caller = await authenticate({ source: 'header', value: token }, address, false);
      return await explain({ method: method.toUpperCase(), path, caller, at: Date.now() });
    });
    process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : describe(explanation));
    process.exitCode = explanation.verdict === 'allowed' ? 0 : 1;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${adviceOn(error)}\n`);
    process.exitCode = 1;
  }
}

function describe({
  verdict,
  method,
  path,
  caller,
  upstream,
  rule,
  action,
  collection,
  permission,
  rows,
  note,
  refusal,
}: Explanation): string {
  const lines = [
    ['', `${method} ${path} is ${verdict}`],
    ['caller', caller.share === null ? `user ${caller.user}, role ${caller.role ?? 'none'}` : `share ${caller.share}`],
    ['upstream', upstream],
    ['rule', rule && `${rule.methods?.join(', ') ?? 'any method'} ${rule.path}`],
    ['needs', collection && `${action} on ${collection}`],
    ['permission', permission === undefined ? undefined : JSON.stringify(permission)],
    ['rows', rows],
    ['note', note],
    ['refusal', refusal && `${refusal.code}${refusal.reason ? ` (${refusal.reason})` : ''}: ${refusal.message}`],
    ['to change', refusal?.advice],
  ];
  return lines.flatMap(([name, text]) => (text ? [`${name ? `${name}:`.padEnd(12) : ''}${text}\n`] : [])).join('');
}
