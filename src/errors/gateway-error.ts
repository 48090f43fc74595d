import { codes, type ErrorCode } from './codes.ts';

export type ErrorDetail = {
  /** Replaces the table's sentence; reaches the caller, so it never quotes a secret or an upstream. */
  readonly message?: string;
  /** Members of `extensions` beside `code`, as Directus has them (`reason`, `path`, `allowed`, …). */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log only. */
  readonly cause?: unknown;
  /** A short stable word for the log: why this code, e.g. `partial_access`. */
  readonly logReason?: string;
};

/** A refusal or failure with a code of the closed table. Thrown by the stages, answered in one place. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly logReason: string | undefined;

  constructor(code: ErrorCode, detail: ErrorDetail = {}) {
    super(detail.message ?? codes[code].message, { cause: detail.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = codes[code].status;
    this.extensions = detail.extensions ?? {};
    this.headers = { ...(this.status === 401 && { 'WWW-Authenticate': 'Bearer' }), ...detail.headers };
    this.logReason = detail.logReason;
  }
}

/** 400 with Directus' sentence, e.g. `Invalid payload. "email" is required.` */
export const invalidPayload = (reason: string, cause?: unknown): GatewayError =>
  new GatewayError('INVALID_PAYLOAD', { message: `Invalid payload. ${reason}.`, extensions: { reason }, cause });

/** 403 with Directus' sentence; `logReason` says in the log which rule or permission it was. */
export const forbidden = (logReason: string): GatewayError => new GatewayError('FORBIDDEN', { logReason });

/** 405 with Directus' sentence and the Allow header. */
export const methodNotAllowed = (current: string, allowed: readonly string[]): GatewayError =>
  new GatewayError('METHOD_NOT_ALLOWED', {
    message: `Invalid method "${current}" used. Should be one of ${allowed.map((method) => `"${method}"`).join(', ')}.`,
    extensions: { current, allowed },
    headers: { Allow: allowed.join(', ') },
  });

/** 404 with Directus' sentence. */
export const routeNotFound = (path: string): GatewayError =>
  new GatewayError('ROUTE_NOT_FOUND', { message: `Route ${path} doesn't exist.`, extensions: { path } });

/** 503: Directus is the one service without which nothing is decided. */
export const directusUnavailable = (cause: unknown, headers: ErrorDetail['headers'] = {}): GatewayError =>
  new GatewayError('SERVICE_UNAVAILABLE', { extensions: { service: 'directus' }, headers, cause });
