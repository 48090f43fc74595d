import { describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '../../../src/errors/codes.ts';
import { GatewayError } from '../../../src/errors/gateway-error.ts';
import { Unsent } from '../../../src/limit/unsent.ts';
import { wasNeverSent } from '../../../src/limit/was-never-sent.ts';
import { CallerGone } from '../../../src/stream/caller-gone.ts';

const nodeError = (syscall: string) => Object.assign(new Error('no'), { syscall });

describe('a share is given back', () => {
  const unsent: [string, unknown][] = [
    ['without a connection', new GatewayError('UPSTREAM_UNREACHABLE', { cause: nodeError('connect') })],
    ['without an address', new GatewayError('UPSTREAM_UNREACHABLE', { cause: nodeError('getaddrinfo') })],
    ['by a breaker', new GatewayError('UPSTREAM_UNAVAILABLE')],
    ['to a caller who has left', new CallerGone()],
    ['for a cause that says so', new GatewayError('CONTENT_TOO_LARGE', { cause: new Unsent('It was read.') })],
    ['for a body that makes no sense', new GatewayError('INVALID_PAYLOAD')],
  ];
  it.each(unsent)('%s', (_why, error) => expect(wasNeverSent(error)).toBe(true));

  it('where stripe-node says that there was no connection', () => {
    const cause = Object.assign(new Error('An error occurred'), { detail: nodeError('connect') });
    expect(wasNeverSent(new GatewayError('UPSTREAM_UNREACHABLE', { cause }))).toBe(true);
  });
});

describe('a share is not given back', () => {
  const sent: ErrorCode[] = [
    'UPSTREAM_TIMEOUT',
    'UPSTREAM_CREDENTIAL_REJECTED',
    'WRITE_BACK_FAILED',
    'CONTENT_TOO_LARGE',
    'INTERNAL_SERVER_ERROR',
  ];
  it.each(sent)('after %s', (code) => expect(wasNeverSent(new GatewayError(code))).toBe(false));

  it('after a connection that broke', () => {
    expect(wasNeverSent(new GatewayError('UPSTREAM_UNREACHABLE', { cause: nodeError('read') }))).toBe(false);
    expect(wasNeverSent(new Error('unknown'))).toBe(false);
  });
});
