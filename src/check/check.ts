import { CallError } from '../directus/call.ts';
import { GatewayError } from '../errors/gateway-error.ts';

/** One thing that was looked at. `off`: it is not in use; `warn`: it works, or nobody can tell, and is worth a look. */
export type Check = {
  readonly subject: string;
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fault' | 'off';
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
};

/** The judgements on one subject. */
export function checksOf(subject: string) {
  const as = (status: Check['status']) => (name: string, message: string, advice?: string) => ({
    subject,
    name,
    status,
    message,
    ...(advice !== undefined && { advice }),
  });
  return { ok: as('ok'), warn: as('warn'), fault: as('fault'), off: as('off') };
}

/** Whether the set-up can be used. */
export const isSound = (checks: readonly Check[]): boolean => checks.every(({ status }) => status !== 'fault');

/** A fault in Directus' words, where it refuses what a check asks. */
export async function orFault(subject: string, name: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CallError || error instanceof GatewayError)) throw error;
    const code = error.code === undefined ? '' : ` (${error.code})`;
    return checksOf(subject).fault(name, `${error.message.replace(/\.$/, '')}${code}`);
  }
}
