import { caddyForwardAuth, caddyForwardAuthTls } from './caddy-forward-auth.ts';
import type { Candidate } from './candidate.ts';
import { expressHpm, expressHpmTls } from './express-hpm.ts';
import { fastifyHttpProxy, fastifyHttpProxyTls } from './fastify-http-proxy.ts';
import { gateway, gatewayCold, gatewayStripe, gatewayTls } from './gateway.ts';
import { guidesExtension } from './guides-extension.ts';
import { nginxAuthRequest, nginxAuthRequestTls } from './nginx-auth-request.ts';
import { straight, straightTls } from './straight.ts';

/** In the order of the table. */
export const candidates: readonly Candidate[] = [
  straight,
  straightTls,
  expressHpm,
  expressHpmTls,
  fastifyHttpProxy,
  fastifyHttpProxyTls,
  gateway,
  gatewayTls,
  gatewayStripe,
  gatewayCold,
  guidesExtension,
  nginxAuthRequest,
  nginxAuthRequestTls,
  caddyForwardAuth,
  caddyForwardAuthTls,
];
