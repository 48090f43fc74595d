import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { isRepeatable } from '../../../src/stream/repeat.ts';

const key = { 'idempotency-key': 'k' };
const read = Buffer.from('{}');
const idempotencyHeader = 'idempotency-key';

describe('a request is sent twice', () => {
  const yes: [string, string, IncomingHttpHeaders, Buffer | undefined][] = [
    ['a read', 'GET', {}, undefined],
    ['a read of the head', 'HEAD', {}, undefined],
    ['a read with a length of nothing', 'GET', { 'content-length': '0' }, undefined],
    ['a write with a key and without a body', 'POST', key, undefined],
    ['a write with a key and a body that was read', 'POST', { ...key, 'content-length': '2' }, read],
    ['a removal with a key', 'DELETE', key, undefined],
  ];
  it.each(yes)('%s', (_what, method, headers, body) => {
    expect(isRepeatable({ method, headers, body, idempotencyHeader })).toBe(true);
  });

  it('a GET that its rule calls a read, or a write with a key', () => {
    const asked = { method: 'GET', body: undefined, idempotencyHeader };
    expect(isRepeatable({ ...asked, headers: {}, action: 'read' })).toBe(true);
    expect(isRepeatable({ ...asked, headers: key, action: 'update' })).toBe(true);
  });
});

describe('a request is never sent twice', () => {
  const no: [string, string | undefined, IncomingHttpHeaders, Buffer | undefined, string | undefined][] = [
    ['a write', 'POST', {}, undefined, idempotencyHeader],
    ['a write whose body was read', 'POST', {}, read, idempotencyHeader],
    ['a write with a key that the upstream does not know', 'POST', key, read, undefined],
    [
      'a write with a key and a body that streams',
      'POST',
      { ...key, 'content-length': '2' },
      undefined,
      idempotencyHeader,
    ],
    ['a read with a body in chunks', 'GET', { 'transfer-encoding': 'chunked' }, undefined, idempotencyHeader],
    ['a read with a body that streams', 'GET', { 'content-length': '1' }, undefined, idempotencyHeader],
    ['a read with a length that is none', 'GET', { 'content-length': 'x' }, undefined, idempotencyHeader],
    ['a removal', 'DELETE', {}, undefined, idempotencyHeader],
    ['a replacement', 'PUT', {}, read, idempotencyHeader],
    ['a change', 'PATCH', {}, read, idempotencyHeader],
    ['nothing known', undefined, {}, undefined, idempotencyHeader],
  ];
  it.each(no)('%s', (_what, method, headers, body, header) => {
    expect(isRepeatable({ method, headers, body, idempotencyHeader: header })).toBe(false);
  });

  it.each(['GET', 'HEAD'])('a %s that its rule calls a write', (method) => {
    expect(isRepeatable({ method, headers: {}, body: undefined, idempotencyHeader, action: 'update' })).toBe(false);
  });

  it('a POST that its rule calls a read', () => {
    expect(isRepeatable({ method: 'POST', headers: {}, body: read, idempotencyHeader, action: 'read' })).toBe(false);
  });
});
