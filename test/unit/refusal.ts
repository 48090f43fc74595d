import { GatewayError } from '../../src/errors/gateway-error.ts';

/** How a stage refuses. Throws when it lets the request through, or fails in any other way. */
export function refusalOf(act: () => unknown): GatewayError {
  try {
    act();
  } catch (error) {
    return asRefusal(error);
  }
  throw new Error('It was let through.');
}

/** The same for a stage that takes its time. */
export async function refusalIn(outcome: Promise<unknown>): Promise<GatewayError> {
  const error = await outcome.then(
    () => new Error('It was let through.'),
    (reason: unknown) => reason,
  );
  return asRefusal(error);
}

function asRefusal(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  throw error;
}
