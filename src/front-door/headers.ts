import type { IncomingHttpHeaders } from 'node:http';
import type { Request } from 'express';
import { requireAddress } from '../authenticate/require-address.ts';
import { connectionOptions, hopByHop } from '../http/hop-by-hop.ts';

/**
 * The caller's headers as Directus should get them: all of them, tokens and cookies too, save those of this one
 * connection (RFC 9110, section 7.6.1) and those that say who asks and where. These the gateway says itself, as far as
 * IP_TRUST_PROXY lets it believe the proxies before it.
 * @param host of DIRECTUS_URL: the caller's own could name another site behind the same address
 * @throws GatewayError FORBIDDEN when the caller's address is not known
 */
export function headersForDirectus(request: Request, host: string): IncomingHttpHeaders {
  const { headers, headersDistinct, protocol } = request;
  const own = connectionOptions(headers.connection);
  const kept = Object.entries(headersDistinct).filter(([name]) => !isOfThisHop(name, own) && !isForwarding(name));
  const passed: IncomingHttpHeaders = Object.fromEntries(kept);
  for (const name of framing) if (headers[name] !== undefined) passed[name] = headers[name];
  passed.host = host;
  passed['x-forwarded-for'] = requireAddress(request.ip);
  passed['x-forwarded-proto'] = protocol;
  if (request.host !== undefined) passed['x-forwarded-host'] = request.host;
  return passed;
}

/** @param own what `Connection` names */
export const isOfThisHop = (name: string, own: ReadonlySet<string>): boolean => ofThisHop.has(name) || own.has(name);

const ofThisHop: ReadonlySet<string> = new Set([
  ...hopByHop,
  'expect', // answered by the gateway
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
]);

const isForwarding = (name: string): boolean =>
  name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip';

/** Node has made sure that they agree with each other and with the body. */
const framing = ['content-length', 'transfer-encoding'] as const;
