import type { Destination } from '../upstreams/destination.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/**
 * Addresses in an upstream's answer that lead to the upstream itself, made those of the gateway: followed as they are,
 * they would take the caller's Directus token out of the gateway's hands.
 */
export type GatewayAddresses = {
  /** What a `Location`, `Content-Location` or `Link` header says. */
  readonly header: (value: string) => string;
  /** What a JSON text says in the members that hold links; every other byte stays. Undefined: there are none. */
  readonly members: ((json: string) => string) | undefined;
};

/**
 * @param destination where the request goes
 * @param base address of the gateway under which the upstream answers, without a final slash
 */
export function gatewayAddresses(upstream: Upstream, destination: Destination, base: string): GatewayAddresses {
  const here = base + destination.hostSegment;
  const ofCredential = new Set(
    upstream.credentials.flatMap((each) => (each.kind === 'query' ? [each.name.toLowerCase()] : [])),
  );
  const secure: (readonly [string, string])[] = [
    [destination.origin, here],
    ...[...upstream.hosts].flatMap(([name, origin]) => [
      [origin, `${base}/${name}`] as const,
      [`https://${name}`, `${base}/${name}`] as const, // what a stand-in or a proxy in its place still says of itself
    ]),
    ...(upstream.origin === destination.origin ? [] : [[upstream.origin, base] as const]),
  ];
  const known = [...secure, ...secure.map(([origin, ours]) => [origin.replace(/^https:/, 'http:'), ours] as const)];
  const translate = (address: string): string => {
    for (const [origin, ours] of known) {
      const rest = below(address, origin);
      if (rest !== undefined) return ours + withoutPairs(rest, ofCredential);
    }
    return address;
  };
  /** Of a header, where an address may also be given without host or scheme. */
  const reference = (address: string): string => {
    if (address.startsWith('//')) {
      const ours = translate(new URL(destination.origin).protocol + address);
      return ours.startsWith(base) ? ours : address;
    }
    return address.startsWith('/') ? here + withoutPairs(address, ofCredential) : translate(address);
  };
  return {
    header: (value) => {
      const whole = reference(value);
      if (whole !== value) return whole;
      return value.replaceAll(/<([^<>]*)>/g, (_match, address: string) => `<${reference(address)}>`);
    },
    members: upstream.links.length === 0 ? undefined : inMembers(upstream.links, translate),
  };
}

/** What follows an origin, with or without its own port, in an address; undefined where that is another's. */
function below(address: string, origin: string): string | undefined {
  if (!address.toLowerCase().startsWith(origin)) return undefined;
  const port = origin.startsWith('https:') ? /^:443(?=[/?#]|$)/ : /^:80(?=[/?#]|$)/;
  const rest = address.slice(origin.length).replace(port, '');
  return /^([/?#]|$)/.test(rest) ? rest : undefined;
}

/** An address without the parameters that bear the credential, which the gateway adds to every request. */
function withoutPairs(address: string, names: ReadonlySet<string>): string {
  const [, path = '', query, fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(address) ?? [];
  if (names.size === 0 || query === undefined) return address;
  const isKept = (pair: string) => ![...new URLSearchParams(pair).keys()].some((name) => names.has(name.toLowerCase()));
  const kept = query.split('&').filter(isKept).join('&');
  return `${path}${kept === '' ? '' : `?${kept}`}${fragment}`;
}

/** Found in the text rather than by parsing it: numbers and their like stay as the upstream has written them. */
const inMembers = (names: readonly string[], translate: (address: string) => string) => {
  const alternatives = names.map((name) => name.replaceAll(/[^\w]/g, '\\$&')).join('|');
  const link = new RegExp(`("(?:${alternatives})"\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*")`, 'g');
  return (json: string): string =>
    json.replaceAll(link, (whole, member: string, quoted: string) => {
      const address = unquoted(quoted);
      const ours = address === undefined ? undefined : translate(address);
      return ours === address ? whole : member + JSON.stringify(ours);
    });
};

/** Undefined where it is no JSON after all. */
function unquoted(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}
