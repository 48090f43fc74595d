import { describe, expect, it } from '@jest/globals';
import { governingCollections } from '../../../src/authorize/governing-collections.ts';
import type { Rule } from '../../../src/upstreams/upstream.ts';

const rule = (collection: string): Rule => ({ path: '/:a/:b', collection });
const rules: Rule[] = [
  rule('customers'),
  rule('api_{a}'),
  rule('{a}_of_{b}_x'),
  rule('v1.0_{a}'),
  { path: '/x', deny: 'denied' },
];

describe('of a caller’s permissions those are kept that some rule speaks of', () => {
  const isGoverning = governingCollections(rules);
  const kept = ['customers', 'api_orders', 'api_a-b', 'api_api_', 'one_of_two_x', 'v1.0_a'];
  it.each(kept)('%s', (collection) => {
    expect(isGoverning(collection)).toBe(true);
  });

  const dropped: [string, string][] = [
    ['Customers', 'another case'],
    ['customers2', 'only the beginning'],
    ['my_customers', 'only the end'],
    ['api_', 'nothing in the name’s place'],
    ['xapi_orders', 'something before it'],
    ['api_a b', 'what no name of a path can fill in'],
    ['one_of_two_y', 'another end'],
    ['v1x0_a', 'the dot is no pattern'],
    ['api_{a}', 'the pattern itself'],
    ['denied', 'the reason of a refusal'],
    ['directus_users', 'no rule'],
    ['constructor', 'a member of every object'],
    ['', 'nothing'],
  ];
  it.each(dropped)('but not %j: %s', (collection) => {
    expect(isGoverning(collection)).toBe(false);
  });

  it('and none where there is no rule', () => {
    expect(governingCollections([])('customers')).toBe(false);
  });
});
