import { expect, it } from '@jest/globals';
import type { Sent } from '../../../src/audit/audit-queue.ts';
import { meaningOf } from '../../../src/audit/send-items.ts';

const error = (code: string, more: object = {}) =>
  JSON.stringify({ errors: [{ message: 'canary', extensions: { code, ...more } }] });

const cases: [number, string, Sent, string][] = [
  [204, '', { kind: 'written' }, 'as to somebody who may only create'],
  [200, '{"data":[{"id":"a"}]}', { kind: 'written' }, 'as to somebody who may read'],
  [200, '<html>', { kind: 'unavailable' }, 'by a proxy with a page of its own'],
  [200, '{"data":null}', { kind: 'unavailable' }, 'in no form that Directus has'],
  [302, '', { kind: 'unavailable' }, 'by a proxy that wants a login'],
  [400, error('RECORD_NOT_UNIQUE'), { kind: 'known' }, 'as there is one with this key'],
  [400, error('RECORD_NOT_UNIQUE', { field: 'id' }), { kind: 'known' }, 'as there is one with this key'],
  [
    400,
    error('RECORD_NOT_UNIQUE', { field: 'upstream_id' }),
    { kind: 'refused', code: 'RECORD_NOT_UNIQUE' },
    'as an operator has made another field unique',
  ],
  [400, error('FAILED_VALIDATION'), { kind: 'refused', code: 'FAILED_VALIDATION' }, 'as one is not as it should be'],
  [400, 'Bad Request', { kind: 'unavailable' }, 'by a proxy that did not understand'],
  [401, error('INVALID_CREDENTIALS'), { kind: 'denied', code: 'INVALID_CREDENTIALS' }, 'as the token is no good'],
  [403, error('FORBIDDEN'), { kind: 'denied', code: 'FORBIDDEN' }, 'as the right or the collection is missing'],
  [403, '<html>', { kind: 'unavailable' }, 'by a firewall in front'],
  [404, 'no such app', { kind: 'unavailable' }, 'by a platform on which Directus is being replaced'],
  [404, error('ROUTE_NOT_FOUND'), { kind: 'denied', code: 'ROUTE_NOT_FOUND' }, 'as this is no Directus with items'],
  [413, '<html>', { kind: 'refused', code: 'CONTENT_TOO_LARGE' }, 'by a proxy for which several are too much'],
  [413, error('CONTENT_TOO_LARGE'), { kind: 'refused', code: 'CONTENT_TOO_LARGE' }, 'as several are too much'],
  [429, error('REQUESTS_EXCEEDED'), { kind: 'unavailable' }, 'as it is asked too often'],
  [500, error('INTERNAL_SERVER_ERROR'), { kind: 'failed' }, 'as it does not know why'],
  [500, 'Internal Server Error', { kind: 'unavailable' }, 'by a proxy that fails'],
  [502, '', { kind: 'unavailable' }, 'by a proxy that does not reach it'],
  [503, error('SERVICE_UNAVAILABLE'), { kind: 'unavailable' }, 'as it has too much to do'],
  [400, error('Not a code'), { kind: 'unavailable' }, 'with what is no code'],
];

it.each(cases)('items that are answered with %i %s are %j, %s', (status, text, meaning) => {
  expect(meaningOf(status, text)).toEqual(meaning);
});
