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
  /** Path of a harmless GET that proves the credential. */
  readonly probe?: string;
  /** The headers that bear the credential. Reveals it. */
  readonly proof: () => IncomingHttpHeaders;
};

/** `optional`: the rule's collection is created only when it is asked for. */
export type DeclaredRule = Rule & { readonly optional?: boolean };

export type SetUp = {
  readonly on: readonly Declared[];
  /** The upstreams that are known and off, with the variables that would turn them on. */
  readonly off: readonly { readonly name: string; readonly missing: readonly string[] }[];
};

/** Which upstreams the variables turn on. */
export function readSetUp(variables: Variables): SetUp {
  const stripeIs = stripeSettings(variables);
  const twilioIs = twilioSettings(variables);
  const on: Declared[] = [];
  const off: SetUp['off'][number][] = [];
  if (stripeIs === undefined) off.push({ name: 'stripe', missing: ['STRIPE_LIVE_SECRET_KEY'] });
  else on.push(declared(stripe(stripeIs), '/v1/balance'));
  if (twilioIs === undefined) off.push({ name: 'twilio', missing: ['TWILIO_ACCOUNT_SID'] });
  else on.push(declared(twilio(twilioIs), `/2010-04-01/Accounts/${twilioIs.accountSid}.json`));
  return { on, off };
}

const declared = (upstream: Upstream, probe: string): Declared => ({
  name: upstream.name,
  origin: upstream.origin,
  rules: upstream.rules,
  probe,
  proof: () => requestHeaders({}, upstream, nobody, false),
});

const nobody = { user: null, role: null, share: null, ip: '', permissions: new Map() };
