/**
 * The closed table of everything that can go wrong for a caller: code, HTTP status and the sentence the caller reads.
 * Codes, statuses and sentences that Directus has are Directus' own (`@directus/errors`); the UPSTREAM_ ones are ours.
 * docs/errors.md has one entry per code, and a test compares the two.
 */
export const codes = {
  INVALID_PAYLOAD: { status: 400, message: 'Invalid payload.' },
  INVALID_CREDENTIALS: { status: 401, message: 'Invalid user credentials.' },
  TOKEN_EXPIRED: { status: 401, message: 'Token expired.' },
  INVALID_TOKEN: { status: 403, message: 'Invalid token.' },
  FORBIDDEN: { status: 403, message: "You don't have permission to access this." },
  ROUTE_NOT_FOUND: { status: 404, message: "Route doesn't exist." },
  METHOD_NOT_ALLOWED: { status: 405, message: 'Invalid method.' },
  REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive.' },
  CONTENT_TOO_LARGE: { status: 413, message: 'Uploaded content is too large.' },
  URI_TOO_LONG: { status: 414, message: 'The address is too long.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Unsupported media type.' },
  REQUESTS_EXCEEDED: { status: 429, message: 'Too many requests.' },
  HEADERS_TOO_LARGE: { status: 431, message: 'The headers are too large.' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'An unexpected error occurred.' },
  UPSTREAM_CREDENTIAL_REJECTED: { status: 502, message: "The upstream refused the gateway's own credential." },
  UPSTREAM_UNREACHABLE: { status: 502, message: 'The upstream could not be reached or broke off before it answered.' },
  UPSTREAM_ANSWER_UNREADABLE: {
    status: 502,
    message: "The upstream's answer could not be read, and it may not be passed on as it is.",
  },
  WRITE_BACK_FAILED: { status: 502, message: 'The customer was created, and could not be written to the item.' },
  UPSTREAM_UNAVAILABLE: { status: 503, message: 'The upstream is too busy or failing. Try again later.' },
  SERVICE_UNAVAILABLE: { status: 503, message: 'Service "directus" is unavailable.' },
  UPSTREAM_TIMEOUT: { status: 504, message: 'The upstream took too long to answer.' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof codes;
