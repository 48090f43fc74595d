import type { IncomingMessage } from 'node:http';
import type { Grant } from '../../src/authorize/authorize.ts';
import type { BodySource } from '../../src/prepare/read-body.ts';

/** A grant without any restriction, save those that a test is about. */
export const grantOf = (given: Partial<Grant> = {}): Grant => ({
  rule: { path: '/*', collection: 'c' },
  action: 'create',
  fields: 'all',
  presets: {},
  rows: 'all',
  ...given,
});

/** A request whose client does not wait to be invited. */
export const sourceOf = (request: IncomingMessage, maxBytes = 1_000): BodySource => ({
  request,
  maxBytes,
  invite: () => undefined,
});
