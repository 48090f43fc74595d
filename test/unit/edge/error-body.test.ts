import { describe, expect, it } from '@jest/globals';
import { errorBody } from '../../../src/edge/error-body.ts';
import { codes, type ErrorCode } from '../../../src/errors/codes.ts';
import { GatewayError, invalidPayload } from '../../../src/errors/gateway-error.ts';

const allCodes = Object.keys(codes).filter((code): code is ErrorCode => code in codes);

describe('a caller reads an error in Directus’ form', () => {
  it.each(allCodes)('%s', (code) => {
    const { message } = codes[code];
    expect(errorBody(new GatewayError(code), false)).toEqual({ errors: [{ message, extensions: { code } }] });
  });

  it('with Directus’ extensions, which cannot change the code', () => {
    const error = new GatewayError('FORBIDDEN', { extensions: { path: '/x', code: 'NONE' } });
    expect(errorBody(error, false).errors).toEqual([
      { message: error.message, extensions: { path: '/x', code: 'FORBIDDEN' } },
    ]);
  });
});

describe('on an upstream’s route a caller’s Stripe or Twilio client builds its own exception from an error', () => {
  const members: [ErrorCode, string, number][] = [
    ['INVALID_PAYLOAD', 'invalid_request_error', 20_400],
    ['INVALID_CREDENTIALS', 'invalid_request_error', 20_003],
    ['TOKEN_EXPIRED', 'invalid_request_error', 20_003],
    ['INVALID_TOKEN', 'invalid_request_error', 20_403],
    ['FORBIDDEN', 'invalid_request_error', 20_403],
    ['ROUTE_NOT_FOUND', 'invalid_request_error', 20_404],
    ['CONTENT_TOO_LARGE', 'invalid_request_error', 20_413],
    ['INTERNAL_SERVER_ERROR', 'api_error', 20_500],
    ['UPSTREAM_UNREACHABLE', 'api_error', 20_502],
    ['SERVICE_UNAVAILABLE', 'api_error', 20_503],
    ['UPSTREAM_TIMEOUT', 'api_error', 20_504],
  ];
  it.each(members)('%s is %s and %i', (code, type, number) => {
    const { message, status } = codes[code];
    expect(errorBody(new GatewayError(code), true)).toEqual({
      errors: [{ message, extensions: { code } }],
      error: { type, code, message },
      code: number,
      message,
      status,
    });
  });
});

it.each([false, true])('a caller reads nothing that is meant for the log (of an upstream’s route: %s)', (form) => {
  const error = new GatewayError('SERVICE_UNAVAILABLE', {
    cause: new Error('canary'),
    logReason: 'canary',
    headers: { a: 'canary' },
  });
  const parseError = invalidPayload('The body is not valid JSON', new Error('canary'));
  expect(JSON.stringify([errorBody(error, form), errorBody(parseError, form)])).not.toContain('canary');
});
