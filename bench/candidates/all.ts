import type { Candidate } from './candidate.ts';
import { expressHpm } from './express-hpm.ts';
import { gateway, gatewayCold, gatewayStripe } from './gateway.ts';
import { straight } from './straight.ts';

/** In the order of the table. */
export const candidates: readonly Candidate[] = [straight, expressHpm, gateway, gatewayStripe, gatewayCold];
