import { isNativeError } from 'node:util/types';
import { GatewayError } from '../errors/gateway-error.ts';
import { Unsent } from './unsent.ts';

/**
 * Whether the upstream cannot have seen any of a request: the gateway refused it, the caller left before, or there was
 * no connection. A body that turned out too large while it streamed was on its way already.
 */
export function wasNeverSent(error: unknown): boolean {
  if (causesOf(error).some((cause) => cause instanceof Unsent)) return true;
  if (!(error instanceof GatewayError)) return false;
  if (error.code === 'UPSTREAM_UNREACHABLE') return causesOf(error).some(isNoConnection);
  return unsent.has(error.code);
}

const unsent: ReadonlySet<string> = new Set([
  'UPSTREAM_UNAVAILABLE',
  'INVALID_PAYLOAD',
  'UNSUPPORTED_MEDIA_TYPE',
  'FORBIDDEN',
]);

function causesOf(error: unknown, depth = 0): unknown[] {
  if (!isNativeError(error) || depth > 5) return [];
  const { detail = undefined } = { ...error }; // where stripe-node keeps what Node said
  return [error, ...causesOf(error.cause, depth + 1), ...causesOf(detail, depth + 1)];
}

/** Node names the step that failed: looking up the name, or connecting. */
export const isNoConnection = (error: unknown): boolean =>
  isNativeError(error) && 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
