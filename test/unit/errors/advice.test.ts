import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { adviceOn } from '../../../src/errors/advice.ts';
import type { ErrorCode } from '../../../src/errors/codes.ts';
import { forbidden, GatewayError } from '../../../src/errors/gateway-error.ts';

const fallback = adviceOn(new GatewayError('INTERNAL_SERVER_ERROR'));
/** What is said of a refusal whose reason an administrator has made up. */
const ofOwnReason = adviceOn(forbidden('closed'));

describe('whoever asks why a request is refused reads what to change', () => {
  const advice: [string, RegExp][] = [
    ['no_permission:customers.read', /give .*"read" on "customers"/],
    ['no_permission:goods.read', / If there is no such collection: "directus-gateway init --with goods" creates it\.$/],
    ['no_permission:my.odd.name.delete', /"delete" on "my\.odd\.name"/],
    ['partial_access:customers.update', /"update" on "customers" has an item rule.*STRIPE_CUSTOMER_ID_FIELD/],
    ['no_row_named', /name the row/],
    ['odd_row_value', /plain id/],
    ['row_not_readable', /read the row/],
    ['row_not_changeable', /change the row/],
    ['unlisted_field', /add the fields/],
    ['no_rule', /no permission can allow it/],
    ['secret:Keys', /hold secrets/],
    ['forbidden_parameter', /parameter/],
    ['odd_collection', /collection/],
    ['off', /off until gateway\.yaml declares a rule/],
    ['closed', /one of your own in gateway\.yaml/],
  ];
  it.each(advice)('%s', (logReason, expected) => {
    expect(adviceOn(forbidden(logReason))).toMatch(expected);
  });

  it.each<ErrorCode>(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED', 'INVALID_PAYLOAD', 'SERVICE_UNAVAILABLE'])(
    '%s, which has no reason',
    (code) => {
      expect(adviceOn(new GatewayError(code))).not.toBe(fallback);
    },
  );

  it('and elsewhere where to look', () => {
    expect(fallback).toBe('See docs/errors.md.');
    expect(adviceOn(forbidden('constructor'))).toBe(ofOwnReason);
  });
});

describe('every reason that docs/errors.md names has advice', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const reasons = [...text.matchAll(/^\| *`([a-z_]+)(?::[^`]*)?` *\|/gm)].map(([, reason = '']) => reason);

  it.each(reasons)('%s', (reason) => {
    expect([fallback, ofOwnReason]).not.toContain(adviceOn(forbidden(`${reason}:customers.read`)));
  });

  it.each([
    'no_row_named',
    'odd_row_value',
    'row_not_readable',
    'row_not_changeable',
    'unlisted_field',
    'account_changed',
  ])('and it names %s', (reason) => {
    expect(reasons).toContain(reason);
  });
});
