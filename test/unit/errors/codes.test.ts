import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { codes, type ErrorCode } from '../../../src/errors/codes.ts';

describe('a caller reads Directus’ own code, status and sentence where Directus has one', () => {
  const table: [ErrorCode, number, string][] = [
    ['INVALID_PAYLOAD', 400, 'Invalid payload.'],
    ['INVALID_CREDENTIALS', 401, 'Invalid user credentials.'],
    ['TOKEN_EXPIRED', 401, 'Token expired.'],
    ['INVALID_TOKEN', 403, 'Invalid token.'],
    ['FORBIDDEN', 403, "You don't have permission to access this."],
    ['ROUTE_NOT_FOUND', 404, "Route doesn't exist."],
    ['METHOD_NOT_ALLOWED', 405, 'Invalid method.'],
    ['CONTENT_TOO_LARGE', 413, 'Uploaded content is too large.'],
    ['UNSUPPORTED_MEDIA_TYPE', 415, 'Unsupported media type.'],
    ['REQUESTS_EXCEEDED', 429, 'Too many requests.'],
    ['INTERNAL_SERVER_ERROR', 500, 'An unexpected error occurred.'],
    ['SERVICE_UNAVAILABLE', 503, 'Service "directus" is unavailable.'],
  ];
  it.each(table)('%s is %i: %s', (code, status, message) => {
    expect(codes[code]).toEqual({ status, message });
  });

  const upstream: [ErrorCode, number][] = [
    ['REQUEST_TIMEOUT', 408],
    ['URI_TOO_LONG', 414],
    ['HEADERS_TOO_LARGE', 431],
    ['UPSTREAM_CREDENTIAL_REJECTED', 502],
    ['UPSTREAM_UNREACHABLE', 502],
    ['UPSTREAM_ANSWER_UNREADABLE', 502],
    ['WRITE_BACK_FAILED', 502],
    ['UPSTREAM_UNAVAILABLE', 503],
    ['UPSTREAM_TIMEOUT', 504],
  ];
  it.each(upstream)('%s is ours, with %i', (code, status) => {
    expect(codes[code].status).toBe(status);
  });

  it('and there is no other', () => {
    expect(Object.keys(codes).toSorted()).toEqual([...table, ...upstream].map(([code]) => code).toSorted());
  });
});

it('an administrator finds one entry per code in docs/errors.md, with its status, and no other', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const entries = [...text.matchAll(/^\| *`([A-Z_]+)` *\| *(\d{3}) *\|/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ]);
  const expected = Object.entries(codes).map(([code, { status }]) => [code, status]);
  expect(entries.toSorted()).toEqual(expected.toSorted());
});
