import { GatewayError } from '../errors/gateway-error.ts';
import type { Asked, Suggestion } from './suggest.ts';

/** The same error, with what the caller may have meant in its sentence and in `extensions.suggestion`. */
export function withSuggestion(error: GatewayError, asked: Asked, suggestion: Suggestion | undefined): GatewayError {
  if (suggestion === undefined) return error;
  const { method, path } = suggestion;
  const meant = method === asked.method ? path : `${method} ${path}`;
  return new GatewayError(error.code, {
    message: `${error.message} Did you mean ${meant}?`,
    extensions: { ...error.extensions, suggestion },
    headers: error.headers,
    cause: error.cause,
    ...(error.logReason !== undefined && { logReason: error.logReason }),
  });
}
