import type { Destination } from '../upstreams/destination.ts';
import { oncePer } from '../upstreams/once-per.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/**
 * Addresses in an upstream's answer that lead to the upstream itself, made those of the gateway: followed as they are,
 * they would take the caller's Directus token out of the gateway's hands.
 */
export type GatewayAddresses = {
  /** What a `Location`, `Content-Location` or `Link` header says. */
  readonly header: (value: string) => string;
  /** Whether such an address, translated, is one below the upstream's name at the gateway. */
  readonly isHere: (address: string) => boolean;
  /** What a JSON text says in the members that hold links; every other byte stays. Undefined: there are none. */
  readonly members: ((json: string) => string) | undefined;
};

/**
 * @param destination where the request goes
 * @param base the address of the gateway under which the upstream answers, without a final slash
 */
export function gatewayAddresses(upstream: Upstream, destination: Destination, base: string): GatewayAddresses {
  const ofCredential = credentialParameters(upstream);
  let known: readonly (readonly [string, string])[] | undefined;
  const translate = (address: string): string => {
    known ??= waysHere(upstream, destination, base);
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
    return address.startsWith('/')
      ? base + destination.hostSegment + withoutPairs(address, ofCredential)
      : translate(address);
  };
  return {
    header: (value) => {
      const whole = reference(value);
      if (whole !== value) return whole;
      return value.replaceAll(/<([^<>]*)>/g, (_match, address: string) => `<${reference(address)}>`);
    },
    isHere: (address) => {
      const { href } = new URL(`${base}/`);
      return URL.canParse(address, href) && new URL(address, href).href.startsWith(href);
    },
    members: upstream.links.length === 0 ? undefined : (json) => inMembers(json, linksOf(upstream), translate),
  };
}

const credentialParameters = oncePer(
  ({ credentials }: Upstream) =>
    new Set(credentials.flatMap((each) => (each.kind === 'query' ? [each.name.toLowerCase()] : []))),
);

/** Each origin of the upstream, and what stands for it at the gateway. */
function waysHere({ origin, hosts }: Upstream, destination: Destination, base: string): (readonly [string, string])[] {
  const secure: (readonly [string, string])[] = [
    [destination.origin, base + destination.hostSegment],
    ...[...hosts].flatMap(([name, of]) => [
      [of, `${base}/${name}`] as const,
      [`https://${name}`, `${base}/${name}`] as const, // what a stand-in or a proxy in its place still says of itself
    ]),
    ...(origin === destination.origin ? [] : [[origin, base] as const]),
  ];
  return [...secure, ...secure.map(([of, ours]) => [of.replace(/^https:/, 'http:'), ours] as const)];
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
const inMembers = (json: string, links: RegExp, translate: (address: string) => string): string =>
  json.replaceAll(links, (whole, member: string, quoted: string) => {
    const address = unquoted(quoted);
    const ours = address === undefined ? undefined : translate(address);
    return ours === address ? whole : member + JSON.stringify(ours);
  });

const linksOf = oncePer(({ links }: Upstream) => {
  const alternatives = links.map((name) => name.replaceAll(/[^\w]/g, '\\$&')).join('|');
  return new RegExp(`("(?:${alternatives})"\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*")`, 'g');
});

/** Undefined where it is no JSON after all. */
function unquoted(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}
