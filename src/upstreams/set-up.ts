import type { IncomingHttpHeaders } from 'node:http';
import type { Variables } from '../config/variables.ts';
import { requestHeaders } from '../prepare/request-headers.ts';
import { stripeSettings, twilioSettings } from './settings.ts';
import { stripe } from './stripe.ts';
import { twilio } from './twilio.ts';
import type { Rule, Upstream } from './upstream.ts';

/** What is said of an upstream without sending anything through it: for `init` and `check`. */
export type Declared = Pick<Upstream, 'name' | 'origin'> & {
  readonly rules: readonly DeclaredRule[];
  /** Path and query of a harmless GET that proves the credential. */
  readonly probe?: string | undefined;
  /** What is sent to ask for a path: it bears the credential. */
  readonly prove: (target: string) => { readonly headers: IncomingHttpHeaders; readonly target: string };
};

export type DeclaredRule = Rule & {
  /** Its collection is created only when it is asked for. */
  readonly optional?: boolean | undefined;
  /** Field of its collection into which the id of what was created is written. */
  readonly writeBack?: string | undefined;
};

/** What the commands need to know of the set-up. */
export type SetUp = {
  readonly variables: Pick<Variables, 'DIRECTUS_URL' | 'DIRECTUS_TOKEN' | 'DIRECTUS_ADMIN_TOKEN'>;
  readonly upstreams: readonly Declared[];
  /** Declared and not used, with the reason. */
  readonly off: readonly { readonly name: string; readonly reason: string }[];
};

/** Which upstreams the variables turn on. */
export function readSetUp(variables: Variables): SetUp {
  const stripeIs = stripeSettings(variables);
  const twilioIs = twilioSettings(variables);
  const upstreams: Declared[] = [];
  const off: SetUp['off'][number][] = [];
  if (stripeIs === undefined) off.push({ name: 'stripe', reason: 'no STRIPE_LIVE_SECRET_KEY' });
  else upstreams.push(declared(stripe(stripeIs), '/v1/customers'));
  if (twilioIs === undefined) off.push({ name: 'twilio', reason: 'no TWILIO_ACCOUNT_SID' });
  else upstreams.push(declared(twilio(twilioIs), `/2010-04-01/Accounts/${twilioIs.accountSid}.json`));
  return { variables, upstreams, off };
}

const declared = (upstream: Upstream, probe: string): Declared => ({
  name: upstream.name,
  origin: upstream.origin,
  rules: upstream.rules,
  probe,
  prove: (target) => ({ headers: requestHeaders({}, upstream, nobody, false), target }),
});

const nobody = { user: null, role: null, share: null, ip: '', permissions: new Map() };
