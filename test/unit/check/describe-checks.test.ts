import { expect, it } from '@jest/globals';
import { checksOf, isSound } from '../../../src/check/check.ts';
import { describeChecks } from '../../../src/check/describe-checks.ts';

const checks = [
  checksOf('directus').ok('reachable', 'answers'),
  checksOf('stripe').fault('credential', 'refused', 'See the key.'),
  checksOf('twilio').off('upstream', 'off'),
];

it('checks stand in columns, with what to do below', () => {
  expect(describeChecks(checks, false)).toBe(
    [
      'ok     directus  reachable   answers',
      'fault  stripe    credential  refused',
      '                             → See the key.',
      'off    twilio    upstream    off',
      '',
    ].join('\n'),
  );
});

it('in a terminal their marks are coloured', () => {
  expect(describeChecks(checks, true)).toContain('\u001b[31mfault\u001b[39m');
});

it('one fault makes a set-up unfit, a warning does not', () => {
  expect([isSound(checks), isSound([checksOf('x').warn('y', 'z')])]).toEqual([false, true]);
});
