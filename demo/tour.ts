import type { Persona, PersonaName } from './directus/personas.ts';
import type { Settings } from './settings.ts';
import { describeSpa } from './spa.ts';
import type { World } from './world.ts';

type Stop = { what: string; curl: string; isReal?: boolean };

/** What runs where, and for each persona what it may do with lines to paste into a shell. */
export function describeTour(world: World, settings: Settings, gatewayUrl: string): string {
  const { directus } = world;
  const guides = tourStops(world, settings, gatewayUrl);
  const parts = Object.values(world.personas).map((persona) => describePersona(persona, guides[persona.name]));
  return [
    '',
    `Gateway   ${gatewayUrl}`,
    `Directus  ${directus.url}   ${directus.version}, log in as ${directus.adminEmail} with ${directus.adminPassword}`,
    `Stripe    ${describeApi(settings.stripe, 'STRIPE_API_URL', `a stand-in with ${world.customers.length} customers and 250 payments`)}`,
    `Twilio    ${describeApi(settings.twilio, 'TWILIO_API_URL', 'a stand-in that sends nothing')}`,
    '',
    `In a browser: ${gatewayUrl}/gateway/   sign in as one of these people to see what they may do, and why`,
    ...parts,
    '',
    'No token at all',
    ...describeStop({ what: 'refused with 401', curl: curl(`${gatewayUrl}/stripe/payments`) }),
    '',
    ...describeSpa(world, gatewayUrl, settings.twilio?.TWILIO_ACCOUNT_SID),
    '',
    'Change a permission in Directus, and the next answer changes. Ctrl-C ends everything.',
    '',
  ].join('\n');
}

function tourStops(world: World, settings: Settings, url: string): Record<PersonaName, Stop[]> {
  const real = { stripe: settings.stripe !== undefined, twilio: settings.twilio !== undefined };
  const customerOf = (owned: boolean) => world.customers.find((each) => each.owned === owned)?.id ?? '';
  const customer = real.stripe ? 'cus_YOURS' : customerOf(true);
  const ownerNeeds = real.stripe ? ' (give it a row in Directus with a stripe_customer_id of yours)' : '';
  const account = settings.twilio?.TWILIO_ACCOUNT_SID ?? world.twilio.accountSid;
  const messages = `${url}/twilio/2010-04-01/Accounts/${account}/Messages.json`;
  const { reader, creator, writer, owner, nobody } = world.personas;

  const payments = (by: Persona) => curl(`${url}/stripe/payments`, by);
  const paymentsOf = (id: string, by: Persona | undefined) => curl(`${url}/stripe/payments/${id}`, by);
  const customers = (by: Persona | undefined) => curl(`${url}/stripe/customers`, by);
  const newCustomer = (by: Persona) =>
    curl(`${url}/stripe/customers`, by, { email: 'grace.hopper@example.com', name: 'Grace Hopper' });
  const message = (by: Persona) =>
    curl(messages, by, { To: real.twilio ? '+1YOURNUMBER' : '+15005550006', Body: 'Hello from the gateway' });

  return {
    reader: [
      { what: 'every payment, the first part of it', curl: firstPart(payments(reader)) },
      { what: "one customer's payments", curl: firstPart(paymentsOf(customer, reader)) },
      { what: 'the messages sent so far', curl: curl(messages, reader) },
      { what: 'a new customer: refused with 403', curl: newCustomer(reader) },
    ],
    creator: [
      { what: 'a message', curl: message(creator), isReal: real.twilio },
      { what: 'a new customer', curl: newCustomer(creator), isReal: real.stripe },
      { what: 'every payment: refused with 403', curl: payments(creator) },
    ],
    writer: [
      { what: 'every customer', curl: customers(writer) },
      { what: 'a message', curl: message(writer), isReal: real.twilio },
    ],
    owner: [
      { what: `the customers whose owner it is${ownerNeeds}`, curl: customers(owner) },
      {
        what: `the payments of one of them${ownerNeeds}, the first part`,
        curl: firstPart(paymentsOf(customer, owner)),
      },
      {
        what: "another customer's payments: refused with 403",
        curl: paymentsOf(real.stripe ? 'cus_ANOTHER' : customerOf(false), owner),
      },
    ],
    nobody: [{ what: 'every payment: refused with 403', curl: payments(nobody) }],
  };
}

function curl(url: string, persona?: Persona, body?: object): string {
  const token = persona === undefined ? '' : ` -H 'Authorization: Bearer ${persona.token}'`;
  const json = body === undefined ? '' : ` -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  return `curl -sw '${status}' ${url}${token}${json}`;
}

const status = '\\n%{http_code}\\n';

/** What comes after the first part is cut off, and not the status, which curl writes past the pipe. */
const firstPart = (line: string): string => `${line.replace(status, `%{stderr}${status}`)} | head -c 400`;

function describePersona({ name, does, email, password }: Persona, stops: Stop[]): string {
  return ['', `${name} ${does}   (${email}, ${password})`, ...stops.flatMap(describeStop)].join('\n');
}

function describeStop({ what, curl, isReal = false }: Stop): string[] {
  return [`  ${what}${isReal ? '   CAREFUL: this acts for real' : ''}`, `    ${curl}`];
}

function describeApi(real: Record<string, string> | undefined, addressName: string, standIn: string): string {
  return real === undefined ? standIn : `REAL, with the key in .env (${real[addressName] ?? 'the live API'})`;
}
