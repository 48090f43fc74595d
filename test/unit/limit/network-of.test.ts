import { expect, it } from '@jest/globals';
import { networkOf } from '../../../src/limit/network-of.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:0:1::1', '2001:db8:0:1'],
  ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1'],
  ['2001:0DB8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['1:2:3:4:5:6:7::', '1:2:3:4'],
])('a caller at %s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
