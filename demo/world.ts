import { callDirectus } from './directus/call.ts';
import type { DirectusVersion } from './directus/install.ts';
import { type Personas, seedPersonas } from './directus/personas.ts';
import { createServiceUser } from './directus/service-user.ts';
import { type RunningDirectus, startDirectus } from './directus/start.ts';
import { createReport, type Report } from './report.ts';
import type { StripeCustomer } from './seed-stripe.ts';
import { type StandIns, startStandIns } from './stand-ins.ts';

/** How many of the customers, the first ones, belong to the persona `owner`. */
const OWNED = 2;

export type World = {
  directus: RunningDirectus;
  personas: Personas;
  /** For DIRECTUS_TOKEN: of a user who may read who may do what, and nothing else. */
  serviceToken: string;
  /** In the order of their rows in Directus. */
  customers: (StripeCustomer & { owned: boolean })[];
  stripe: StandIns['stripe'];
  twilio: StandIns['twilio'];
  stop(): Promise<void>;
};

type Options = {
  version: DirectusVersion;
  port?: number;
  /** Further environment for Directus. */
  env?: Record<string, string>;
  report?: Report;
};

/** Everything around the gateway: a real Directus with personas, and stand-ins for Stripe and Twilio. */
export async function startWorld({ report = createReport(), ...options }: Options): Promise<World> {
  const directus = await startDirectus({ ...options, report });
  let standIns: StandIns | undefined;
  const stop = async () => {
    await Promise.all([directus.stop(), standIns?.stop()]);
  };
  try {
    standIns = await startStandIns();
    const { stripe, twilio } = standIns;
    const personas = await report.during('Personas are created', () => seedPersonas(directus));
    const serviceToken = await createServiceUser(directus);
    const customers = stripe.customers.map((customer, index) => ({
      ...customer,
      owned: personas.owner !== undefined && index < OWNED,
    }));
    const rows = customers.map(({ id, name, email, owned }) => ({
      name,
      email,
      stripe_customer_id: id,
      owner: owned ? personas.owner?.id : null,
    }));
    await callDirectus(directus, 'POST', '/items/customers', rows);
    return { directus, personas, serviceToken, customers, stripe, twilio, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
