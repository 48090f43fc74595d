import { describe, expect, it } from '@jest/globals';
import { requireAddress } from '../../../src/authenticate/require-address.ts';
import { refusalOf } from '../refusal.ts';

describe('a caller is judged by the address that Directus would see', () => {
  const addresses: [string, string, string][] = [
    ['IPv4', '203.0.113.7', '203.0.113.7'],
    ['IPv4 as a socket for both kinds writes it', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv6', '2001:db8::7', '2001:db8::7'],
    ['the loopback address', '::1', '::1'],
  ];
  it.each(addresses)('%s', (_what, address, plain) => {
    expect(requireAddress(address)).toBe(plain);
  });
});

describe('a caller without an address is refused, since a policy may be bound to it', () => {
  const addresses: [string, string | undefined][] = [
    ['a socket that is closed already', undefined],
    ['nothing', ''],
    ['a word, as a proxy may forward it', 'unknown'],
    ['a host name', 'localhost'],
    ['an address with a port', '203.0.113.7:4711'],
    ['an address in brackets', '[2001:db8::7]'],
    ['a list of addresses', '203.0.113.7, 10.0.0.1'],
    ['an address with white space', ' 203.0.113.7'],
    ['a line break, which would begin another header', '203.0.113.7\r\nX-Injected: 1'],
    ['a number out of range', '203.0.113.256'],
    ['an address that is mapped twice', '::ffff:::ffff:203.0.113.7'],
    ['what only becomes an address when it is cut', '::ffff:::1'],
    ['a mapped address of which Directus would cut off too much', '::ffff:cb00:7107'],
    ['a network', '10.0.0.0/8'],
  ];
  it.each(addresses)('%s', (_what, address) => {
    const refusal = refusalOf(() => requireAddress(address));
    expect([refusal.code, refusal.logReason]).toEqual(['FORBIDDEN', 'no_address']);
  });
});
