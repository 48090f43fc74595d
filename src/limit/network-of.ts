import { isIPv6 } from 'node:net';

/**
 * What one caller can choose addresses from: an IPv4 address itself; of an IPv6 address the first 64 bits, since every
 * subscriber has at least the rest to themselves (RFC 6177, RFC 7421).
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [before = '', after] = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1).split('::');
  const [front, back] = [before, after ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  if (front === undefined || back === undefined) return address;
  const gap = after === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array<string>(gap).fill('0'), ...back].slice(0, 4).join(':');
}
