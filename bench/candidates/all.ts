import { caddyForwardAuth } from './caddy-forward-auth.ts';
import type { Candidate } from './candidate.ts';
import { expressHpm, expressHpmTls } from './express-hpm.ts';
import { fastifyHttpProxy } from './fastify-http-proxy.ts';
import { gateway, gatewayCold, gatewayStripe, gatewayTls } from './gateway.ts';
import { guidesExtension } from './guides-extension.ts';
import { nginxAuthRequest } from './nginx-auth-request.ts';
import { straight } from './straight.ts';

/** In the order of the table. */
export const candidates: readonly Candidate[] = [
  straight,
  expressHpm,
  expressHpmTls,
  fastifyHttpProxy,
  gateway,
  gatewayTls,
  gatewayStripe,
  gatewayCold,
  guidesExtension,
  nginxAuthRequest,
  caddyForwardAuth,
];
