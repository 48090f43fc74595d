import { describe, expect, it } from '@jest/globals';
import { codes, type ErrorCode } from '../../../src/errors/codes.ts';
import {
  directusUnavailable,
  forbidden,
  GatewayError,
  invalidPayload,
  methodNotAllowed,
  routeNotFound,
} from '../../../src/errors/gateway-error.ts';

const allCodes = Object.keys(codes).filter((code): code is ErrorCode => code in codes);

describe('a caller gets the status and sentence of the code', () => {
  it.each(allCodes)('%s', (code) => {
    const { status, message, extensions, headers } = new GatewayError(code);
    expect({ status, message }).toEqual(codes[code]);
    expect(extensions).toEqual({});
    expect(headers).toEqual(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {});
  });

  it('with headers beside the one that says how to authenticate', () => {
    const { headers } = new GatewayError('TOKEN_EXPIRED', { headers: { 'Retry-After': '1' } });
    expect(headers).toEqual({ 'WWW-Authenticate': 'Bearer', 'Retry-After': '1' });
  });
});

describe('a caller gets Directus’ sentence with the detail in it', () => {
  const errors: [GatewayError, ErrorCode, string, object][] = [
    [
      invalidPayload('"email" is required'),
      'INVALID_PAYLOAD',
      'Invalid payload. "email" is required.',
      { reason: '"email" is required' },
    ],
    [routeNotFound('/x'), 'ROUTE_NOT_FOUND', "Route /x doesn't exist.", { path: '/x' }],
    [
      methodNotAllowed('TRACE', ['GET', 'PUT']),
      'METHOD_NOT_ALLOWED',
      'Invalid method "TRACE" used. Should be one of "GET", "PUT".',
      { current: 'TRACE', allowed: ['GET', 'PUT'] },
    ],
    [
      directusUnavailable(new Error('canary')),
      'SERVICE_UNAVAILABLE',
      'Service "directus" is unavailable.',
      { service: 'directus' },
    ],
    [forbidden('no_rule'), 'FORBIDDEN', "You don't have permission to access this.", {}],
  ];
  it.each(errors)('%s', (error, code, message, extensions) => {
    expect(error).toMatchObject({ code, message });
    expect(error.extensions).toEqual(extensions);
  });

  it('and the log gets the cause and the reason', () => {
    const cause = new Error('canary');
    expect([invalidPayload('x', cause).cause, directusUnavailable(cause).cause]).toEqual([cause, cause]);
    expect(forbidden('no_rule').logReason).toBe('no_rule');
  });
});
